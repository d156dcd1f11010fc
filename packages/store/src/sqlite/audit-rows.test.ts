import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { openSqliteMetadataStore } from './open-sqlite-metadata-store.ts'

test('a line of the audit log can be neither changed nor removed, not even past this code', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-audit-'))
  const path = join(directory, 'store.sqlite')
  const store = await openSqliteMetadataStore({ path })
  const nobody = { kind: 'nobody', id: '', name: 'ada' } as const
  const at = '2026-11-30T12:00:00.000Z'
  await store.write((tx) =>
    tx.audit.add({ at, actor: nobody, action: 'sign-in-failed', object: '', from: '', details: [] }),
  )
  await store.close()
  const db = new DatabaseSync(path)
  expect(() => db.exec("UPDATE audit SET actor_name = 'eve'")).toThrow('the audit log is not changed')
  expect(() => db.exec('DELETE FROM audit')).toThrow('the audit log is not changed')
  expect(db.prepare('SELECT actor_name FROM audit').all()).toMatchObject([{ actor_name: 'ada' }])
  db.close()
  await rm(directory, { recursive: true })
})
