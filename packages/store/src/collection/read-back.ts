import type { ChunkId } from '@causeway/protocol'
import type { ChunkRow, MetadataStore, MetadataWriter, PackRow } from '../metadata-store.ts'
import type { PackRecord, PackStore } from '../pack-store.ts'

export interface ReadBackOptions {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly signal?: AbortSignal
  /**
   * `new`: packs that the index does not know, or took for lost. `unnoted`:
   * also what was appended to others behind the last that was noted.
   * `everything`: all packs from their start, and what they hold counts for
   * more than the index.
   */
  readonly what: 'new' | 'unnoted' | 'everything'
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface ReadBackReport {
  /** Packs that held something the index did not know of. */
  readonly packs: readonly string[]
  /** Those of them that no chunk had ever been noted in. */
  readonly unknown: readonly string[]
  /** Chunks that were added to the index, or found in another place than it said. */
  readonly chunks: number
}

const RECORDS_AT_ONCE = 500
/** Longer than it takes to note what was just stored in a pack that others may see. */
const BEING_NOTED_MS = 15 * 60_000

/**
 * Reads into the index what packs hold and it does not know of: that comes from
 * a database that is older than the packs, or from a kill between the two. What
 * nothing uses is collected later as any other garbage.
 */
export async function readBack(options: ReadBackOptions): Promise<ReadBackReport> {
  const { metadata, packs, signal, what } = options
  // In this order: a pack that another process begins meanwhile is noted before it is there.
  const listed = new Map((await packs.packs()).map(({ pack, bytes }) => [pack, bytes]))
  const rows = new Map((await metadata.read((tx) => tx.packs())).map((row) => [row.pack, row]))
  const unread = new Map<string, number>()
  for (const [pack, bytes] of listed) {
    const row = what === 'everything' ? undefined : rows.get(pack)
    if (row !== undefined && isOthersBusiness(row, options)) continue
    const isKnown = row !== undefined && !isUnread(row)
    const from = isKnown ? row.knownTo + packs.recordOverheadBytes : 0
    if (bytes > from && !(isKnown && what === 'new')) unread.set(pack, from)
  }
  if (unread.size === 0) return { packs: [], unknown: [], chunks: 0 }

  const found = new Set<string>()
  let chunks = 0
  async function take(records: readonly PackRecord[]): Promise<void> {
    signal?.throwIfAborted()
    const taken = await metadata.write((tx) =>
      takeRecords(tx, records, what === 'everything' ? null : { listed, rows }),
    )
    chunks += taken.length
    for (const { pack } of taken) found.add(pack)
  }
  let batch: PackRecord[] = []
  for await (const record of packs.records(unread)) {
    batch.push(record)
    if (batch.length < RECORDS_AT_ONCE) continue
    await take(batch)
    batch = []
  }
  await take(batch)
  const ends = [...unread.keys()].map((pack) => {
    return { pack, knownTo: Math.max(0, (listed.get(pack) ?? 0) - packs.recordOverheadBytes) }
  })
  await metadata.write((tx) => tx.notePacks(ends))
  return { packs: [...found], unknown: [...found].filter((pack) => (rows.get(pack)?.knownTo ?? 0) === 0), chunks }
}

/**
 * What is retired holds nothing, and is being removed. Of packs that are shared, an open one is its owner's, who notes
 * what it holds or is succeeded; and whoever has just sealed one is about to note what it put there.
 */
function isOthersBusiness({ state, owner, sealed, knownTo }: PackRow, { packs, now }: ReadBackOptions): boolean {
  if (state === 'retired') return true
  if (!packs.isShared) return false
  if (state === 'open') return owner !== null
  return state === 'sealed' && knownTo === 0 && sealed !== null && Date.parse(sealed.at) + BEING_NOTED_MS > now()
}

/** It was not there, or has an end, and nothing that lies in it was ever noted. */
function isUnread({ state, knownTo }: PackRow): boolean {
  return state === 'lost' || (state === 'sealed' && knownTo === 0)
}

interface Known {
  readonly listed: ReadonlyMap<string, number>
  readonly rows: ReadonlyMap<string, PackRow>
}

/** Where nothing is known of the packs that are there, no place in the index is trusted. */
async function takeRecords(
  tx: MetadataWriter,
  records: readonly PackRecord[],
  packs: Known | null,
): Promise<readonly ChunkRow[]> {
  const rows = new Map<ChunkId, ChunkRow>()
  for (const { location, ...record } of records) rows.set(record.hash, { ...record, ...location })
  const known = new Map((await tx.chunks([...rows.keys()])).map((row) => [row.hash, row]))
  const fresh: ChunkRow[] = []
  const moved: ChunkRow[] = []
  for (const row of rows.values()) {
    const before = known.get(row.hash)
    if (before === undefined) fresh.push(row)
    else if (packs === null ? !isSamePlace(before, row) : !packs.listed.has(before.pack)) moved.push(row)
  }
  // One that is noted may have been retired since: then what is added below is refused.
  const places = new Set([...fresh, ...moved].map(({ pack }) => pack).filter((pack) => packs?.rows.has(pack) !== true))
  await tx.notePacks([...places].map((pack) => ({ pack, knownTo: 0 })))
  if (fresh.length > 0) await tx.addChunks(fresh)
  if (moved.length > 0) await tx.relocateChunks(moved)
  return [...fresh, ...moved]
}

function isSamePlace(a: ChunkRow, b: ChunkRow): boolean {
  return a.pack === b.pack && a.offset === b.offset
}
