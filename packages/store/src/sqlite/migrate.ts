import { naturalKey } from '@causeway/engine'
import { decodeManifest, SyncError } from '@causeway/protocol'
import type { Connection } from './connection.ts'
import { MIGRATIONS } from './schema.ts'
import { number } from './values.ts'

/**
 * Takes a database through the steps it lacks, each whole or not at all.
 * Throws `newer-format` on one that has been through steps unknown here.
 */
export function migrate(db: Connection, path: string): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    const done = number(db.get('PRAGMA user_version')?.['user_version'])
    if (done > MIGRATIONS.length) {
      throw new SyncError(
        'newer-format',
        `cannot use the database ${path}: it has format ${done}, and this version knows formats up to ${MIGRATIONS.length}`,
      )
    }
    db.define('natural_key', (name) => (typeof name === 'string' ? naturalKey(name) : ''))
    db.define('chunks_of_manifest', (list) => {
      return JSON.stringify(list instanceof Uint8Array ? decodeManifest(list).map(({ hash }) => hash) : [])
    })
    for (const step of MIGRATIONS.slice(done)) db.exec(step)
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
    db.exec('COMMIT')
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
