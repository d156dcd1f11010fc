/** A buffer that is used again once its user has released it. */
export interface LentBuffer {
  readonly bytes: Uint8Array
  /** May be left out: the memory is then collected as usual. */
  release(): void
}

export interface Buffers {
  /** This many bytes, whatever they held before. */
  lend(sizeBytes: number): LentBuffer
}

const ROUND_BYTES = 256 * 1024
/** More than this is not kept: it comes seldom. */
const KEPT_BYTES = 17 * 1024 * 1024
const KEPT = 4

/** Large buffers in turn: fresh memory for each would cost more than filling it. */
export function createBuffers({ idleMs = 5_000 }: { readonly idleMs?: number } = {}): Buffers {
  let free: Uint8Array[] = []
  let idle: NodeJS.Timeout | undefined

  function give(buffer: Uint8Array): void {
    if (buffer.length > KEPT_BYTES || free.length >= KEPT) return
    free.push(buffer)
    idle ??= setTimeout(() => {
      idle = undefined
      free = []
    }, idleMs).unref()
  }

  return {
    lend(sizeBytes) {
      if (sizeBytes < ROUND_BYTES) return { bytes: Buffer.allocUnsafe(sizeBytes), release: () => undefined }
      clearTimeout(idle)
      idle = undefined
      const fitting = free.findIndex((buffer) => buffer.length >= sizeBytes)
      const [found] = fitting === -1 ? [] : free.splice(fitting, 1)
      const buffer = found ?? Buffer.allocUnsafeSlow(Math.ceil(sizeBytes / ROUND_BYTES) * ROUND_BYTES)
      let isLent = true
      return {
        bytes: buffer.subarray(0, sizeBytes),
        release() {
          if (isLent) give(buffer)
          isLent = false
        },
      }
    },
  }
}
