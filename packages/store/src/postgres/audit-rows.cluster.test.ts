import pg from 'pg'
import { expect, test } from 'vitest'
import { freshSchema } from '../testing/fresh-schema.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

test('a line of the audit log can be neither changed nor removed, not even past this code', async () => {
  const url = freshSchema()
  const store = await openPostgresMetadataStore({ url })
  const nobody = { kind: 'nobody', id: '', name: 'ada' } as const
  const at = '2026-11-30T12:00:00.000Z'
  await store.write((tx) =>
    tx.audit.add({ at, actor: nobody, action: 'sign-in-failed', object: '', from: '', details: [] }),
  )
  await store.close()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const audit = `${new URL(url).searchParams.get('schema')}.audit`
  for (const change of [`UPDATE ${audit} SET actor_name = 'eve'`, `DELETE FROM ${audit}`, `TRUNCATE ${audit}`]) {
    await expect(client.query(change)).rejects.toThrow('the audit log is not changed')
  }
  expect((await client.query(`SELECT actor_name FROM ${audit}`)).rows).toEqual([{ actor_name: 'ada' }])
  await client.end()
})
