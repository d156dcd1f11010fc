import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import type { AuditWriter, NewAuditEntry } from '../audit-rows.ts'
import { NOON } from '../conformance/fixtures.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { databaseAddress } from './database-url.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

test('a line of the audit log can be neither changed nor removed, not even past this code', async () => {
  const { table, client, add } = await open()
  await add(line())
  const refused = [
    `UPDATE ${table} SET actor_name = 'eve'`,
    `DELETE FROM ${table}`,
    `TRUNCATE ${table}`,
    `INSERT INTO ${table} OVERRIDING SYSTEM VALUE SELECT * FROM ${table} ON CONFLICT (position) DO UPDATE SET object = ''`,
  ]
  for (const sql of refused) await expect(client.query(sql)).rejects.toThrow('the audit log is not changed')
  const { rows } = await client.query(`SELECT actor_name, object FROM ${table}`)
  expect(rows).toEqual([{ actor_name: 'ada', object: 'docs' }])
})

test('a line is added even where a stranger typed what the database keeps in no text', async () => {
  const { store, add } = await open()
  const details = [{ name: 'name', value: 'a\0b' }]
  await add(line({ actor: { kind: 'nobody', id: '', name: 'a\0b' }, object: 'c\0d', details }))
  const [entry] = await store.read((tx) => tx.audit.before(undefined, {}, 10))
  expect(entry).toMatchObject({ actor: { name: 'a\u{FFFD}b' }, object: 'c\u{FFFD}d', details })
})

async function open() {
  const url = freshSchema()
  const store = await openPostgresMetadataStore({ url })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(async () => void (await Promise.all([store.close(), client.end()])))
  const table = `${client.escapeIdentifier(databaseAddress(url).schema)}.audit`
  const add = (entry: NewAuditEntry): ReturnType<AuditWriter['add']> => store.write((tx) => tx.audit.add(entry))
  return { store, client, table, add }
}

function line(change: Partial<NewAuditEntry> = {}): NewAuditEntry {
  const actor = { kind: 'nobody', id: '', name: 'ada' } as const
  return { at: NOON, actor, action: 'sign-in-failed', object: 'docs', from: '', details: [], ...change }
}
