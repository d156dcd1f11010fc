import { createSlabs, type HashWorkers, type Slab } from '@causeway/packing'
import { LIMITS, type ChunkFrame } from '@causeway/protocol'
import type { ChunkRow } from '@causeway/store'
import type { ChunkDepot, SharedFrames } from '../chunk-depot.ts'

/** Frames of one upload that are gathered, verified and made durable while the next ones arrive. */
export interface Intake {
  /** Memory for the next frame's bytes. */
  allocate(sizeBytes: number): Uint8Array
  /** Takes the frame that was just filled. Waiting for it is what holds the sender back while threads or disk are busy. */
  add(frame: ChunkFrame): Promise<void>
  /** Resolves, once all are durable, to the rows for the metadata. Throws `chunk-corrupt`. */
  finish(): Promise<readonly ChunkRow[]>
  /** Waits for what is under way and lets go of the memory. Safe to call more than once; never fails. */
  end(): Promise<void>
}

export interface Intakes {
  open(kept: (frames: readonly ChunkFrame[]) => void): Intake
}

/** Frames that are verified and appended together. At least one chunk of the greatest size fits. */
const SLAB_BYTES = 2 * LIMITS.chunkBytes
/** Slabs of one upload that are verified or written while the next one fills. */
const UNDER_WAY = 3
/** With more than this in use by all uploads, each waits until its last one is durable. */
const MOST_IN_USE = 32
const KEPT = 16

export function createFrameIntakes(depot: Pick<ChunkDepot, 'keepFrames'>, workers: HashWorkers): Intakes {
  const slabs = createSlabs({ slabBytes: SLAB_BYTES, kept: KEPT })
  let inUse = 0

  function takeSlab(): Slab {
    inUse++
    return slabs.take()
  }

  function release(slab: Slab): void {
    inUse--
    slab.release()
  }

  return {
    open(kept) {
      const rows: ChunkRow[] = []
      const underWay: Promise<void>[] = []
      let failure: { error: unknown } | undefined
      let slab: Slab | undefined
      let filled = 0
      let frames: ChunkFrame[] = []

      function flush(): void {
        if (slab === undefined) return
        const group = { slab, frames, workers }
        slab = undefined
        filled = 0
        frames = []
        underWay.push(keep(group))
      }

      async function keep(group: SharedFrames & { readonly slab: Slab }): Promise<void> {
        try {
          if (failure !== undefined) return
          rows.push(...(await depot.keepFrames(group)))
          kept(group.frames)
        } catch (error) {
          failure ??= { error }
        } finally {
          release(group.slab)
        }
      }

      async function settle(most: number): Promise<void> {
        while (underWay.length > most) await underWay.shift()
        if (failure !== undefined) throw failure.error
      }

      return {
        allocate(sizeBytes) {
          if (filled + sizeBytes > SLAB_BYTES) flush()
          slab ??= takeSlab()
          return slab.bytes.subarray(filled, (filled += sizeBytes))
        },
        async add(frame) {
          frames.push(frame)
          if (underWay.length > 0) await settle(inUse > MOST_IN_USE ? 0 : UNDER_WAY)
        },
        async finish() {
          flush()
          await settle(0)
          return rows
        },
        async end() {
          await Promise.all(underWay)
          if (slab !== undefined) release(slab)
          slab = undefined
        },
      }
    },
  }
}
