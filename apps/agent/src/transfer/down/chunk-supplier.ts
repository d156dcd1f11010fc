import type { ChunkQueue } from './fetch-ahead.ts'
import type { ChunkTable } from './chunk-table.ts'
import type { Deltas } from './patch-deltas.ts'

/** The chunks of a content that are not copied, in order: from deltas, and fetched where none comes. */
export interface ChunkSupplier {
  /** The chunk at a position; positions rise, and leave none out that `isNeeded` says. */
  take(index: number): Promise<Uint8Array>
  /** Nobody uses the bytes that were taken last any more. */
  used(bytes: Uint8Array): void
  stop(): Promise<void>
}

export interface ChunkSupplierOptions {
  readonly table: ChunkTable
  readonly from: number
  /** False for what is to be had without either. Asked once a position, in order. */
  isNeeded(index: number): boolean
  /** True for what is fetched at less than a delta costs. */
  isAtHand(index: number): boolean
  readonly deltas: Deltas
  readonly queue: ChunkQueue
  /** Fetches one chunk out of turn. */
  fetchOne(index: number): Promise<Uint8Array>
}

/** Deltas are read ahead as far as this, so that what must be fetched is asked for early. */
const AHEAD_BYTES = 8 * 1024 * 1024

export function createChunkSupplier({
  table,
  from,
  isNeeded,
  isAtHand,
  deltas,
  queue,
  fetchOne,
}: ChunkSupplierOptions): ChunkSupplier {
  const ready: { readonly index: number; readonly isDelta: boolean }[] = []
  let cursor = from
  let lookingAhead: Promise<void> | undefined

  async function lookAhead(): Promise<void> {
    while (cursor < table.count && (ready.length === 0 || (queue.hasRoom && deltas.heldBytes < AHEAD_BYTES))) {
      const index = cursor++
      if (!isNeeded(index)) continue
      const isDelta = !isAtHand(index) && (await deltas.brings(index))
      if (!isDelta) queue.add(table.chunk(index))
      ready.push({ index, isDelta })
    }
    if (cursor === table.count) queue.flush()
  }

  /** One at a time: what comes of a patch comes in order. */
  function ahead(): Promise<void> {
    lookingAhead ??= lookAhead().finally(() => {
      lookingAhead = undefined
    })
    return lookingAhead
  }

  return {
    async take(index) {
      while (ready.length === 0 && cursor < table.count) await ahead()
      const next = ready.shift()
      // Asked for the next time a chunk is taken, if not now.
      ahead().catch(() => undefined)
      if (next?.index !== index) throw new Error(`chunk ${index} was taken where ${next?.index} was due`)
      if (!next.isDelta) return queue.take(table.chunk(index))
      return (await deltas.take(index)) ?? fetchOne(index)
    },
    used: queue.used,
    async stop() {
      queue.stop()
      await deltas.stop()
    },
  }
}
