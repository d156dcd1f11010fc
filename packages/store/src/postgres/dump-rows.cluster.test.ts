import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { DERIVED, DUMP_ORDER, DUMP_TABLES, type DumpTable } from '../dump/tables.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

/** What counts how often something was removed or marked matters to running processes alone. */
const LEFT_BEHIND = ['removals', 'schema_version']

test('every column of every table is taken along, or named as one that is not', async () => {
  const url = freshSchema()
  await (await openPostgresMetadataStore({ url })).close()
  const client = new pg.Client({ connectionString: url.replace(/\?.*/, '') })
  await client.connect()
  onTestFinished(() => client.end())
  const schema = new URL(url).searchParams.get('schema')
  const { rows } = await client.query<{ table_name: string; column_name: string }>(
    'SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = $1',
    [schema],
  )
  const found = Map.groupBy(rows, (row) => row.table_name)
  for (const table of LEFT_BEHIND) found.delete(table)
  expect([...found.keys()].toSorted()).toEqual(DUMP_ORDER.filter((table) => table !== 'sequences').toSorted())
  for (const [table, columns] of found) {
    const known = DUMP_ORDER.find((name): name is DumpTable => name === table)
    if (known === undefined) continue
    const named = [...Object.keys(DUMP_TABLES[known].columns), ...(DERIVED[known] ?? [])]
    expect(columns.map(({ column_name }) => column_name).toSorted(), table).toEqual(named.toSorted())
  }
})
