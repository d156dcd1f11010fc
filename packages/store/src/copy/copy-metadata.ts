import { SyncError } from '@causeway/protocol'
import { APPEND_ONLY, DUMP_ORDER, type DumpRow, type DumpTable } from '../dump/tables.ts'
import type { MetadataReader, MetadataStore, MetadataWriter } from '../metadata-store.ts'
import { COPYING, copyState, copyStateText, stampOf, type CopyState } from './copy-state.ts'
import { digestTable, tablePages, type TableDigest } from './table-digest.ts'

export interface MetadataCopy {
  /** One snapshot of the source. */
  readonly from: MetadataReader
  readonly to: MetadataStore
  readonly tables: readonly DumpTable[]
  /** Settings that say where the source is, and stay behind. */
  readonly leaves: ReadonlySet<string>
  /** Told after each step how many more rows were copied. */
  readonly copied: (rows: number) => void
  readonly signal?: AbortSignal
}

/** Tables that say where bytes lie: they go along only where the packs themselves stay where they are. */
const PLACES: readonly DumpTable[] = ['packs', 'pack_tails', 'chunks', 'garbage']
const NEVER: readonly DumpTable[] = ['leases']

export function tablesToCopy({ withPlaces }: { readonly withPlaces: boolean }): readonly DumpTable[] {
  return DUMP_ORDER.filter((table) => !NEVER.includes(table) && (withPlaces || !PLACES.includes(table)))
}

/**
 * Takes all rows into a store that is new, or into one where such a copy was cut short: it goes on there, unless the
 * source has changed since; then it begins again. Throws `already-exists` for a store that is in use.
 */
export async function copyMetadata(copy: MetadataCopy): Promise<void> {
  let state = await begin(copy)
  while (state.at !== null) {
    copy.signal?.throwIfAborted()
    state = await copyTable(copy, state, state.at)
  }
}

/** Throws `io-error` where a table is not the same in both. Returns what was compared. */
export async function compareMetadata({
  from,
  to,
  tables,
  leaves,
  copied,
  signal,
}: MetadataCopy): Promise<ReadonlyMap<DumpTable, TableDigest>> {
  const found = new Map<DumpTable, TableDigest>()
  for (const table of tables) {
    signal?.throwIfAborted()
    const here = await digestTable(from, table, leaves)
    const there = await to.read((tx) => digestTable(tx, table, new Set([...leaves, COPYING])))
    if (here.sha256 !== there.sha256) {
      const counts = `${here.rows} rows in the source and ${there.rows} in the copy`
      throw new SyncError('io-error', `the copy is not the same: the table ${table} differs (${counts})`)
    }
    found.set(table, here)
    copied(here.rows)
  }
  return found
}

async function begin({ from, to, tables, leaves }: MetadataCopy): Promise<CopyState> {
  const known = await to.read(copyState)
  const stamp = await stampOf(from, leaves)
  if (known?.stamp === stamp) return known
  const first = tables[0]
  const state: CopyState = { stamp, at: first === undefined ? null : { table: first, after: null } }
  await to.write(async (tx) => {
    if (known === undefined) await refuseInUse(tx)
    // What refers to others goes first.
    else await emptyTables(tx, tables)
    await tx.putSetting(COPYING, copyStateText(state))
  })
  return state
}

async function emptyTables(tx: MetadataWriter, tables: readonly DumpTable[]): Promise<void> {
  for (const table of tables.toReversed()) if (!APPEND_ONLY.includes(table)) await tx.emptyTable(table)
}

async function refuseInUse(tx: MetadataReader): Promise<void> {
  for (const table of ['settings', 'folders', 'nodes'] as const) {
    if ((await tx.dump(table, null, 1)).length === 0) continue
    throw new SyncError('already-exists', 'the database to copy to holds an installation already')
  }
}

async function copyTable(
  { from, to, tables, leaves, copied, signal }: MetadataCopy,
  { stamp }: CopyState,
  { table, after }: { readonly table: DumpTable; readonly after: DumpRow | null },
): Promise<CopyState> {
  const behind = after ?? (APPEND_ONLY.includes(table) ? await to.read((tx) => lastKey(tx, table)) : null)
  for await (const { rows, last } of tablePages(from, table, { after: behind, leaves })) {
    signal?.throwIfAborted()
    await to.write(async (tx) => {
      await tx.load(table, rows)
      await tx.putSetting(COPYING, copyStateText({ stamp, at: { table, after: last } }))
    })
    copied(rows.length)
  }
  const next = tables[tables.indexOf(table) + 1]
  const state: CopyState = { stamp, at: next === undefined ? null : { table: next, after: null } }
  await to.write((tx) => tx.putSetting(COPYING, copyStateText(state)))
  return state
}

/** Where an earlier attempt has come to in a table that nothing is ever taken out of. */
async function lastKey(tx: MetadataReader, table: DumpTable): Promise<DumpRow | null> {
  let found: DumpRow | null = null
  for await (const { last } of tablePages(tx, table, { leaves: new Set() })) found = last
  return found
}
