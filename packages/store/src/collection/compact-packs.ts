import { isSyncError } from '@causeway/protocol'
import type { ChunkRow, MetadataStore } from '../metadata-store.ts'
import type { PackStore, StoredChunk } from '../pack-store.ts'
import { chunkRows } from './chunk-rows.ts'
import { byMarks } from './by-marks.ts'
import type { CollectionOptions } from './collection-options.ts'

/** A pack with a smaller share of bytes in use is rewritten: it costs at most as many bytes as it frees. */
const WORTHWHILE_SHARE = 0.5
const MOVE_CHUNKS = 256

/**
 * Moves chunks out of packs that are mostly garbage, and removes packs that
 * have held no known chunk for the whole grace: readers that still hold an old
 * location are done by then. Only sealed packs are touched: to an open one
 * somebody may still append, in whatever process. One that no chunk was ever
 * noted in is not garbage but unknown, and stays: `readBack` reads it.
 */
export async function compactPacks(
  options: CollectionOptions,
): Promise<{ marked: number; removed: number; moved: number }> {
  const { metadata, packs } = options
  const rows = new Map((await metadata.read((tx) => tx.packs())).map((row) => [row.pack, row]))
  const listed = await packs.packs()
  const sealed = listed.filter(({ pack }) => {
    const row = rows.get(pack)
    return row?.state === 'sealed' && row.knownTo > 0
  })
  const inUse = await usage(metadata, packs.recordOverheadBytes)
  const sparse = sealed.filter(({ pack, bytes }) => {
    const used = inUse.get(pack) ?? 0
    return used > 0 && used < bytes * WORTHWHILE_SHARE
  })
  const moved = await moveChunks(options, new Set(sparse.map(({ pack }) => pack)))
  const { marked, retired } = await retireUnused(
    options,
    sealed.map(({ pack }) => pack),
  )
  // Those, too, that a run which was cut short had retired.
  const leftOver = listed.map(({ pack }) => pack).filter((pack) => rows.get(pack)?.state === 'retired')
  await packs.removePacks([...retired, ...leftOver])
  return { marked, removed: retired.length, moved }
}

/** Marks the packs without a known chunk, and retires those that were marked long enough ago and bear the mark still. */
async function retireUnused(
  options: CollectionOptions,
  sealed: readonly string[],
): Promise<{ marked: number; retired: readonly string[] }> {
  const { metadata, now } = options
  const marks = await metadata.read((tx) => tx.garbageMarks('pack'))
  const inUse = await usage(metadata, 1)
  const unused = sealed.filter((pack) => !inUse.has(pack))
  const { usedAgain, fresh, ripe } = byMarks(unused, marks, options)
  return metadata.write(async (tx) => {
    await tx.unmarkGarbage('pack', usedAgain)
    await tx.markGarbage('pack', fresh, new Date(now()).toISOString())
    return { marked: fresh.length, retired: await tx.retirePacks(new Map(ripe)) }
  })
}

/** Bytes of known chunks by pack. */
async function usage(metadata: MetadataStore, overheadBytes: number): Promise<Map<string, number>> {
  const used = new Map<string, number>()
  for await (const { pack, storedSize } of chunkRows(metadata)) {
    used.set(pack, (used.get(pack) ?? 0) + storedSize + overheadBytes)
  }
  return used
}

async function moveChunks(options: CollectionOptions, sparse: ReadonlySet<string>): Promise<number> {
  if (sparse.size === 0) return 0
  let moved = 0
  let batch: ChunkRow[] = []
  for await (const row of chunkRows(options.metadata)) {
    if (!sparse.has(row.pack)) continue
    batch.push(row)
    if (batch.length < MOVE_CHUNKS) continue
    moved += await moveBatch(options, batch)
    batch = []
  }
  return moved + (await moveBatch(options, batch))
}

async function moveBatch({ metadata, packs, signal }: CollectionOptions, rows: readonly ChunkRow[]): Promise<number> {
  signal?.throwIfAborted()
  const readable: { row: ChunkRow; chunk: StoredChunk }[] = []
  for (const row of rows) {
    const bytes = await readUnlessDamaged(packs, row)
    // A damaged chunk stays where it is, and keeps its pack: scrub tells of it.
    if (bytes) readable.push({ row, chunk: { ...row, bytes } })
  }
  const locations = await packs.append(readable.map(({ chunk }) => chunk))
  const relocated = readable.flatMap(({ row }, index) => {
    const location = locations[index]
    return location ? [{ ...row, ...location }] : []
  })
  await metadata.write((tx) => tx.relocateChunks(relocated))
  return relocated.length
}

async function readUnlessDamaged(packs: PackStore, row: ChunkRow): Promise<Uint8Array | undefined> {
  try {
    return await packs.read(row.hash, row)
  } catch (error) {
    if (isSyncError(error, 'chunk-corrupt') || isSyncError(error, 'chunk-missing')) return undefined
    throw error
  }
}
