/** A piece of shared memory that is used again and again. */
export interface Slab {
  readonly shared: SharedArrayBuffer
  /** All of it. */
  readonly bytes: Uint8Array
  /** One more user. Whoever takes a slab is its first. */
  hold(): void
  /** One user less; the last one's release makes it free. */
  release(): void
}

/**
 * Slabs of one size. There is always one more to be had: who takes them must
 * bound how many are in use. What nobody releases is collected in the end.
 */
export interface Slabs {
  readonly slabBytes: number
  take(): Slab
}

export interface SlabsOptions {
  readonly slabBytes: number
  /** How many free ones are kept. */
  readonly kept: number
  /** Free ones are let go after this long without any use. */
  readonly idleMs?: number
}

export function createSlabs({ slabBytes, kept, idleMs = 5_000 }: SlabsOptions): Slabs {
  let free: Slab[] = []
  let idle: NodeJS.Timeout | undefined

  function create(): Slab {
    const shared = new SharedArrayBuffer(slabBytes)
    let users = 0
    const slab: Slab = {
      shared,
      bytes: new Uint8Array(shared),
      hold() {
        users++
      },
      release() {
        if (users === 0) return
        users--
        if (users > 0 || free.length >= kept) return
        free.push(slab)
        idle ??= setTimeout(letGo, idleMs).unref()
      },
    }
    return slab
  }

  function letGo(): void {
    idle = undefined
    free = []
  }

  return {
    slabBytes,
    take() {
      clearTimeout(idle)
      idle = undefined
      const slab = free.pop() ?? create()
      slab.hold()
      return slab
    },
  }
}
