import type { ChunkId, Hash } from '@causeway/protocol'
import { setImmediate } from 'node:timers/promises'
import type { MetadataReader } from '../metadata-store.ts'
import { byMarks } from './by-marks.ts'
import type { CollectionOptions } from './collection-options.ts'
import { compactPacks } from './compact-packs.ts'
import type { HashMarks } from './hash-marks.ts'
import { manifestRows, usedChunks, usedContents } from './used-hashes.ts'

export interface CollectionReport {
  /** Newly found unused; nothing was done to them yet. */
  readonly marked: { readonly manifests: number; readonly chunks: number; readonly packs: number }
  readonly removed: { readonly manifests: number; readonly chunks: number; readonly packs: number }
  /** Chunks rewritten so that their half-empty packs can go. */
  readonly moved: number
}

/**
 * Removes what no live entry and no kept version uses: manifests, then chunks,
 * then the packs they leave behind.
 *
 * Nothing goes at first sight. It is marked; a later run, after the grace,
 * looks again at everything, and removes what is still unused if its mark
 * still stands in the very transaction that removes it. Whoever comes to use
 * something takes its mark off (`keepContents`), or finds that it is gone: so
 * commits and further collections may run at once, in any process.
 */
export async function collectGarbage(options: CollectionOptions): Promise<CollectionReport> {
  const manifests = await sweep(options, MANIFESTS)
  const chunks = await sweep(options, CHUNKS)
  const { marked, removed, moved } = await compactPacks(options)
  return {
    marked: { manifests: manifests.marked, chunks: chunks.marked, packs: marked },
    removed: { manifests: manifests.removed, chunks: chunks.removed, packs: removed },
    moved,
  }
}

interface Sweepable {
  readonly kind: 'manifest' | 'chunk'
  readonly used: (tx: MetadataReader) => Promise<HashMarks>
  readonly all: (tx: MetadataReader) => AsyncIterable<Hash>
}

const MANIFESTS: Sweepable = {
  kind: 'manifest',
  used: usedContents,
  all: async function* (tx) {
    for await (const { content } of manifestRows(tx)) yield content
  },
}

const CHUNKS: Sweepable = {
  kind: 'chunk',
  used: usedChunks,
  all: async function* (tx) {
    for (let last: ChunkId | undefined; ;) {
      const page = await tx.chunksAfter(last, 1000)
      for (const { hash } of page) yield hash
      last = page.at(-1)?.hash
      if (last === undefined) return
      await setImmediate()
    }
  },
}

/** What one transaction marks or removes: others commit between two of them. */
const NAMES_AT_ONCE = 1000

async function sweep(
  options: CollectionOptions,
  { kind, used, all }: Sweepable,
): Promise<{ marked: number; removed: number }> {
  const { metadata, now, signal } = options
  const found = await metadata.read(async (tx) => {
    const marks = await tx.garbageMarks(kind)
    const inUse = await used(tx)
    const unused: Hash[] = []
    for await (const hash of all(tx)) if (!inUse.has(hash)) unused.push(hash)
    return { marks, unused, needless: kind === 'chunk' ? await lostWithoutUse(tx, inUse) : [] }
  })
  const { usedAgain, fresh, ripe } = byMarks(found.unused, found.marks, options)
  await metadata.write(async (tx) => {
    await tx.unmarkGarbage(kind, usedAgain)
    await tx.forgetLost(found.needless)
  })
  const markedAt = new Date(now()).toISOString()
  for (const names of slices(fresh)) {
    signal?.throwIfAborted()
    await metadata.write((tx) => tx.markGarbage(kind, names, markedAt))
  }
  let removed = 0
  for (const seen of slices(ripe)) {
    signal?.throwIfAborted()
    removed += (await metadata.write((tx) => tx.removeMarked(kind, new Map(seen)))).length
  }
  return { marked: fresh.length, removed }
}

function* slices<T>(items: readonly T[]): Iterable<readonly T[]> {
  for (let at = 0; at < items.length; at += NAMES_AT_ONCE) yield items.slice(at, at + NAMES_AT_ONCE)
}

/** Nobody need send again what nothing holds any more. */
async function lostWithoutUse(tx: MetadataReader, used: HashMarks): Promise<ChunkId[]> {
  const needless: ChunkId[] = []
  for (let last: ChunkId | undefined; ;) {
    const page = await tx.lostAfter(last, 1000)
    needless.push(...page.filter((hash) => !used.has(hash)))
    last = page.at(-1)
    if (last === undefined) return needless
  }
}
