import { DatabaseSync } from 'node:sqlite'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { DERIVED, DUMP_ORDER, DUMP_TABLES, type DumpTable } from '../dump/tables.ts'
import { openSqliteMetadataStore } from './open-sqlite-metadata-store.ts'

/** What counts how often something was removed matters to running processes alone; the other is how sequences are kept. */
const LEFT_BEHIND = ['removals', 'sqlite_sequence']

test('every column of every table is taken along, or named as one that is not', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-dump-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const path = join(directory, 'db.sqlite')
  await (await openSqliteMetadataStore({ path })).close()
  const database = new DatabaseSync(path, { readOnly: true })
  onTestFinished(() => database.close())
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
  const found = tables.map(({ name }) => String(name)).filter((name) => !LEFT_BEHIND.includes(name))
  const columns = (table: string) => database.prepare(`PRAGMA table_info(${table})`).all()
  expect(found.toSorted()).toEqual(DUMP_ORDER.filter((table) => table !== 'sequences').toSorted())
  for (const table of found.filter((name): name is DumpTable => name in DUMP_TABLES)) {
    const known = [...Object.keys(DUMP_TABLES[table].columns), ...(DERIVED[table] ?? [])]
    expect(
      columns(table)
        .map(({ name }) => String(name))
        .toSorted(),
      table,
    ).toEqual(known.toSorted())
    const keys = columns(table).filter(({ pk }) => Number(pk) > 0)
    const inOrder = keys.toSorted((a, b) => Number(a['pk']) - Number(b['pk'])).map(({ name }) => name)
    expect(inOrder, table).toEqual(DUMP_TABLES[table].key)
  }
})
