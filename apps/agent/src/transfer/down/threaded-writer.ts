import { createSlabs, type HashWorkers, type Slab, type Slabs } from '@causeway/packing'
import { isContentHash, SyncError } from '@causeway/protocol'
import type { StagingFile } from '@causeway/replica'
import { INLINE_WRITERS, type HashingWriter, type HashingWriters } from './hashing-writer.ts'

/** Up to this, hashing here takes less time than the threads may take to start. */
const INLINE_BYTES = 8 * 1024 * 1024
const SLAB_BYTES = 1024 * 1024
/** Slabs of one writer that are being written and hashed. */
const UNDER_WAY = 4
const KEPT = 8

/** Gathers bytes, hashes them on another thread and writes them in the thread pool at the same time. */
export function createThreadedWriters(workers: HashWorkers, inlineBytes = INLINE_BYTES): HashingWriters {
  const slabs = createSlabs({ slabBytes: SLAB_BYTES, kept: KEPT })
  return {
    open: (staging, sizeBytes) =>
      sizeBytes <= inlineBytes ? INLINE_WRITERS.open(staging, sizeBytes) : openThreaded(staging, workers, slabs),
  }
}

function openThreaded(staging: StagingFile, workers: HashWorkers, slabs: Slabs): HashingWriter {
  const whole = workers.stream()
  const underWay: Promise<void>[] = []
  let slab: Slab | undefined
  let filled = 0
  let failure: { error: unknown } | undefined
  let written: Promise<void> = Promise.resolve()
  let isClosed = false

  /** Has bytes appended and hashed at the same time, behind those before. */
  function append({ shared, from = 0, to, write }: Appended) {
    const writing = written.then(() => (failure === undefined ? write() : undefined))
    written = writing.catch(() => undefined)
    return Promise.allSettled([writing, whole.update(shared, from, to)]).then((results) => {
      for (const result of results) if (result.status === 'rejected') failure ??= { error: result.reason }
    })
  }

  function flush(): void {
    if (slab === undefined) return
    const full = slab
    const to = filled
    slab = undefined
    filled = 0
    const write = (): Promise<void> => staging.write(full.bytes.subarray(0, to))
    underWay.push(append({ shared: full.shared, to, write }).then(() => full.release()))
  }

  async function settle(most: number): Promise<void> {
    while (underWay.length > most) await underWay.shift()
    if (failure !== undefined) throw failure.error
  }

  function checkOpen(): void {
    if (isClosed) throw new SyncError('internal', 'a staged file was written to after its writer was closed')
    if (failure !== undefined) throw failure.error
  }

  return {
    async write(bytes) {
      checkOpen()
      for (let at = 0; at < bytes.length;) {
        slab ??= slabs.take()
        const piece = bytes.subarray(at, at + SLAB_BYTES - filled)
        slab.bytes.set(piece, filled)
        filled += piece.length
        at += piece.length
        if (filled < SLAB_BYTES) continue
        flush()
        await settle(UNDER_WAY)
      }
    },
    lend() {
      const lent = slabs.take()
      return {
        bytes: lent.bytes,
        async append(from, to) {
          checkOpen()
          flush()
          lent.hold()
          const write = (): Promise<void> => staging.write(lent.bytes.subarray(from, to))
          underWay.push(append({ shared: lent.shared, from, to, write }).then(() => lent.release()))
          await settle(UNDER_WAY)
        },
        release: () => lent.release(),
      }
    },
    async skip(sizeBytes) {
      checkOpen()
      flush()
      const zeros = (allZeros ??= new SharedArrayBuffer(SLAB_BYTES))
      for (let left = sizeBytes; left > 0; left -= SLAB_BYTES) {
        const to = Math.min(left, SLAB_BYTES)
        underWay.push(append({ shared: zeros, to, write: () => staging.skip(to) }))
        await settle(UNDER_WAY)
      }
    },
    async hash() {
      flush()
      await settle(0)
      const hash = await whole.digest()
      if (!isContentHash(hash)) throw new SyncError('internal', `${hash} is no hash`)
      return hash
    },
    async close() {
      isClosed = true
      await settle(0).catch(() => undefined)
      slab?.release()
      slab = undefined
      whole.end()
    },
  }
}

interface Appended {
  readonly shared: SharedArrayBuffer
  readonly from?: number
  readonly to: number
  write(): Promise<void>
}

/** Never written to. */
let allZeros: SharedArrayBuffer | undefined
