import { createHash } from 'node:crypto'
import { cellOf, dumpKey, type DumpCell, type DumpRow, type DumpTable } from '../dump/tables.ts'
import type { MetadataReader } from '../metadata-store.ts'

export interface TableDigest {
  readonly rows: number
  /** SHA-256 over all rows in the order of their keys. */
  readonly sha256: string
}

/** Rows asked for at once; fewer of tables whose rows may be large. */
const PAGE_ROWS = 1000
const LARGE_ROWS: Readonly<Partial<Record<DumpTable, number>>> = { manifests: 50, pack_tails: 50, outcomes: 500 }

/** Every row of a table from a key on, a page at a time. Settings by the names in `leaves` are left out. */
export async function* tablePages(
  tx: MetadataReader,
  table: DumpTable,
  { after = null, leaves }: { readonly after?: DumpRow | null; readonly leaves: ReadonlySet<string> },
): AsyncGenerator<{ readonly rows: readonly DumpRow[]; readonly last: DumpRow }> {
  for (let from = after; ;) {
    const page = await tx.dump(table, from, LARGE_ROWS[table] ?? PAGE_ROWS)
    const end = page.at(-1)
    if (end === undefined) return
    from = dumpKey(table, end)
    const isLeft = (row: DumpRow): boolean => table === 'settings' && leaves.has(String(cellOf(table, row, 'key')))
    yield { rows: page.filter((row) => !isLeft(row)), last: from }
  }
}

/** The same for two stores, of whatever kind, exactly where the table holds the same in both. */
export async function digestTable(
  tx: MetadataReader,
  table: DumpTable,
  leaves: ReadonlySet<string>,
): Promise<TableDigest> {
  const hash = createHash('sha256')
  let count = 0
  for await (const { rows } of tablePages(tx, table, { leaves })) {
    for (const row of rows) hash.update(`${JSON.stringify(row.map(printed))}\n`)
    count += rows.length
  }
  return { rows: count, sha256: hash.digest('hex') }
}

function printed(cell: DumpCell): unknown {
  return cell instanceof Uint8Array ? { bytes: Buffer.from(cell).toString('base64') } : cell
}
