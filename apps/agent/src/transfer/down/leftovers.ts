import { hash as hashOf } from 'node:crypto'
import { LIMITS, type ChunkRef, type ChunkId } from '@causeway/protocol'
import type { Files, Leftover, OpenFile } from '@causeway/replica'
import type { ChunkTable } from './chunk-table.ts'
import { fileChunks, NO_FILE_CHUNKS, type ChunkPlace, type FileChunks } from '../chunks/file-chunks.ts'

/**
 * What downloads of an earlier process, which was killed or lost its power,
 * had written: chunks need not be fetched twice. The bytes are trusted no
 * more than any other file's.
 */
export interface Leftovers {
  /** The chunks that the one which goes furthest in this content begins with. Another that holds only a part of them is removed. */
  chunksOf(table: ChunkTable, signal: AbortSignal): Promise<FileChunks>
  /** Gives the disk space back. True if there was any. */
  discardAll(): Promise<boolean>
}

/** Below this, fetching again costs less than looking. */
const LEAST_BYTES = 4 * 1024 * 1024
const KEPT_MS = 7 * 86_400_000
const WINDOW_BYTES = 2 * 1024 * 1024

export const NO_LEFTOVERS: Leftovers = {
  chunksOf: async () => NO_FILE_CHUNKS,
  discardAll: async () => false,
}

/** Clears the staging area at a process's start, but for what a download may go on from. */
export async function keepLeftovers(files: Files, now: () => number): Promise<Leftovers> {
  const found = await files.leftovers()
  const kept = found.filter(({ sizeBytes, changedAtMs }) => sizeBytes >= LEAST_BYTES && now() - changedAtMs < KEPT_MS)
  await files.clearStaging(kept)
  return createLeftovers(kept)
}

function createLeftovers(kept: readonly Leftover[]): Leftovers {
  let left = kept

  async function discard(given: readonly Leftover[]): Promise<void> {
    left = left.filter((leftover) => !given.includes(leftover))
    for (const leftover of given) await leftover.discard()
  }

  return {
    async chunksOf(table, signal) {
      let best: Prefix | undefined
      const outdone: Leftover[] = []
      try {
        for (const leftover of left) {
          const prefix = await prefixOf(leftover, table, signal)
          if (prefix === undefined) continue
          const [longer, shorter] = best === undefined || prefix.bytes > best.bytes ? [prefix, best] : [best, prefix]
          best = longer
          if (shorter === undefined) continue
          await shorter.file.close()
          if (isAllOf(shorter)) outdone.push(shorter.leftover)
        }
      } catch (error) {
        await best?.file.close()
        throw error
      }
      await discard(outdone)
      return best === undefined ? NO_FILE_CHUNKS : fileChunks(best.file, best.places)
    },
    async discardAll() {
      if (left.length === 0) return false
      await discard(left)
      return true
    },
  }
}

/** How far a leftover is a content's beginning. */
interface Prefix {
  readonly leftover: Leftover
  readonly file: OpenFile
  readonly places: ReadonlyMap<ChunkId, ChunkPlace>
  readonly bytes: number
}

/** A staged file is written in order, so the content's own chunk list says where its chunks would lie. `undefined` if not even the first is there. */
async function prefixOf(leftover: Leftover, table: ChunkTable, signal: AbortSignal): Promise<Prefix | undefined> {
  const file = await leftover.open().catch(() => undefined)
  if (file === undefined) return undefined
  const places = new Map<ChunkId, ChunkPlace>()
  let bytes = 0
  try {
    for (const window of windowsOf(table)) {
      signal.throwIfAborted()
      const read = await file.read(bytes, sizeOf(window))
      const sound = soundChunks(window, read)
      for (const { hash, size } of sound) {
        places.set(hash, { offset: bytes, size })
        bytes += size
      }
      if (sound.length < window.length) break
    }
  } catch (error) {
    if (signal.aborted) {
      await file.close()
      throw error
    }
    // What could be read of it still counts.
  }
  if (bytes > 0) return { leftover, file, places, bytes }
  await file.close()
  return undefined
}

/** The chunks that these bytes begin with, each rehashed. */
function soundChunks(chunks: readonly ChunkRef[], bytes: Uint8Array): readonly ChunkRef[] {
  let at = 0
  const wrong = chunks.findIndex(({ hash, size }) => hashOf('sha256', bytes.subarray(at, (at += size))) !== hash)
  return wrong === -1 ? chunks : chunks.slice(0, wrong)
}

/** Runs of chunks to read at once; the first is a single chunk, as a stranger's file shows itself there. */
function* windowsOf(table: ChunkTable): Generator<readonly ChunkRef[]> {
  let window: ChunkRef[] = []
  for (let index = 0; index < table.count; index++) {
    window.push(table.chunk(index))
    if (index > 0 && sizeOf(window) < WINDOW_BYTES) continue
    yield window
    window = []
  }
  if (window.length > 0) yield window
}

/** True if nothing but a chunk cut short follows what was found: the file has no other use. */
function isAllOf({ leftover, bytes }: Prefix): boolean {
  return leftover.sizeBytes - bytes < LIMITS.chunkBytes
}

function sizeOf(chunks: readonly ChunkRef[]): number {
  return chunks.reduce((sum, { size }) => sum + size, 0)
}
