/**
 * The inner loop of a chunker: rolls the gear hash over the bytes of one
 * buffer. There are two implementations, which must never differ.
 */
export interface Roller {
  readonly engine: 'javascript' | 'wasm'
  /** The memory that `roll` reads: always the same view, so that a caller may keep it. */
  readonly buffer: Uint8Array
  /**
   * Rolls over the buffer's bytes from `from` up to `to`, beginning with
   * `hash`, and stops behind the first byte after which the hash has no bit
   * of `mask`. Returns the offset behind that byte, or -1 if there is none;
   * `hash()` then continues the run.
   */
  roll(from: number, to: number, hash: number, mask: number): number
  /** The hash after the last `roll` that returned -1. */
  hash(): number
}
