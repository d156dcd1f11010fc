import { SyncError } from '@causeway/protocol'
import type { ClientBase } from 'pg'
import { MIGRATIONS } from './schema.ts'

/** One number a database, whatever the schema: coordinators that start at once take turns. */
const MIGRATION_LOCK = 0x63_77_6d

/**
 * Takes a database through the steps it lacks, all or none. Several processes
 * may do so at once: the first does the work, and the others find it done.
 * Throws `newer-format` on a database that has been through steps unknown here.
 */
export async function migrate(client: ClientBase, schema: string, name: string): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await takeSteps(client, schema, name)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

async function takeSteps(client: ClientBase, schema: string, name: string): Promise<void> {
  // Asked for first, as who may not create a schema may well use one that is there.
  const found = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  if (found.rowCount === 0) await client.query(`CREATE SCHEMA ${client.escapeIdentifier(schema)}`)
  const table = await client.query<{ is_there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS is_there', [
    `${client.escapeIdentifier(schema)}.schema_version`,
  ])
  if (table.rows[0]?.is_there !== true) {
    await client.query('CREATE TABLE schema_version (steps integer NOT NULL); INSERT INTO schema_version VALUES (0)')
  }
  const { rows } = await client.query<{ steps: number }>('SELECT steps FROM schema_version')
  const done = rows[0]?.steps ?? 0
  if (done > MIGRATIONS.length) {
    throw new SyncError(
      'newer-format',
      `cannot use the database ${name}: it has format ${done}, and this version knows formats up to ${MIGRATIONS.length}. ` +
        'Use the version that wrote it, or a newer one.',
    )
  }
  if (done === MIGRATIONS.length) return
  for (const step of MIGRATIONS.slice(done)) await client.query(step)
  await client.query('UPDATE schema_version SET steps = $1', [MIGRATIONS.length])
}
