import type { Hash } from '@causeway/protocol'
import { setImmediate } from 'node:timers/promises'
import type { MetadataReader, MetadataWriter } from '../metadata-store.ts'
import { isRipe, type CollectionOptions } from './collection-options.ts'
import { compactPacks } from './compact-packs.ts'
import type { HashMarks } from './hash-marks.ts'
import { manifestRows, START, usedChunks, usedContents } from './used-hashes.ts'

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
 * looks again in the very transaction that removes it, so what came into use
 * meanwhile stays. A commit must check in its own transaction that the chunks
 * and manifests it relies on are there. Only one collection may run at a time.
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
  readonly used: typeof usedContents
  readonly all: (tx: MetadataReader) => AsyncIterable<Hash>
  readonly remove: (tx: MetadataWriter, hashes: readonly Hash[]) => Promise<void>
}

const MANIFESTS: Sweepable = {
  kind: 'manifest',
  used: usedContents,
  all: async function* (tx) {
    for await (const { content } of manifestRows(tx, 0)) yield content
  },
  remove: (tx, hashes) => tx.removeManifests(hashes),
}

const CHUNKS: Sweepable = {
  kind: 'chunk',
  used: usedChunks,
  all: async function* (tx) {
    for (let last: Hash | undefined; ;) {
      const page = await tx.chunksAfter(last, 1000)
      for (const { hash } of page) yield hash
      last = page.at(-1)?.hash
      if (last === undefined) return
      await setImmediate()
    }
  },
  remove: (tx, hashes) => tx.removeChunks(hashes),
}

async function sweep(
  { metadata, now, graceMs, signal }: CollectionOptions,
  { kind, used, all, remove }: Sweepable,
): Promise<{ marked: number; removed: number }> {
  const candidates = await metadata.read(async (tx) => {
    const inUse = await used(tx, START)
    const unused: Hash[] = []
    for await (const hash of all(tx)) if (!inUse.used.has(hash)) unused.push(hash)
    const needless = kind === 'chunk' ? await lostWithoutUse(tx, inUse.used) : []
    return { unused, needless, horizon: inUse.horizon }
  })
  signal?.throwIfAborted()
  return metadata.write(async (tx) => {
    const meanwhile = await used(tx, candidates.horizon)
    const unused = candidates.unused.filter((hash) => !meanwhile.used.has(hash))
    const marks = await tx.garbageMarks(kind)
    const fresh = unused.filter((hash) => !marks.has(hash))
    const ripe = unused.filter((hash) => isRipe(marks.get(hash), graceMs, now()))
    const unusedNames = new Set<string>(unused)
    await tx.unmarkGarbage(
      kind,
      [...marks.keys()].filter((name) => !unusedNames.has(name)),
    )
    await tx.markGarbage(kind, fresh, new Date(now()).toISOString())
    await remove(tx, ripe)
    await tx.forgetLost(candidates.needless.filter((hash) => !meanwhile.used.has(hash)))
    return { marked: fresh.length, removed: ripe.length }
  })
}

/** Nobody need send again what nothing holds any more. */
async function lostWithoutUse(tx: MetadataReader, used: HashMarks): Promise<Hash[]> {
  const needless: Hash[] = []
  for (let last: Hash | undefined; ;) {
    const page = await tx.lostAfter(last, 1000)
    needless.push(...page.filter((hash) => !used.has(hash)))
    last = page.at(-1)
    if (last === undefined) return needless
  }
}
