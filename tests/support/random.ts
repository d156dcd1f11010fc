import { open } from 'node:fs/promises'

/** A seeded generator (mulberry32): small and quick; the same seed gives the same run. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** The next 32 bits. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** A whole number from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return this.next() % limit
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** Bytes that do not compress. */
  bytes(length: number): Buffer {
    const words = new Uint32Array(Math.ceil(length / 4))
    for (let i = 0; i < words.length; i++) words[i] = this.next()
    return Buffer.from(words.buffer, 0, length)
  }
}

/** Writes a file of incompressible bytes, 4 MiB at a time. */
export async function writeRandomFile(path: string, sizeBytes: number, seed: number): Promise<void> {
  const random = new Random(seed)
  const file = await open(path, 'w')
  try {
    for (let at = 0; at < sizeBytes; at += 4 << 20) await file.write(random.bytes(Math.min(4 << 20, sizeBytes - at)))
  } finally {
    await file.close()
  }
}
