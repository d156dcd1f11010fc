// AssemblyScript, not TypeScript. Compiled by `packages/engine/scripts/build-wasm.ts` into `../fastcdc-wasm.ts`.
//
// Memory, laid out by `../wasm-roller.ts`: 256 words of the gear table at 0, the same doubled as 64-bit
// words at 1024, the buffer from 4096 on.

const GEAR: usize = 0
const GEAR_DOUBLED: usize = 1024

let last: u32 = 0

/** The hash after the last `roll` that found no cut. */
export function hash(): u32 {
  return last
}

/**
 * Rolls over the bytes from address `from` up to `to`. Returns the address
 * behind the first byte after which `hash & mask` is zero, or 0.
 *
 * Two bytes a round: the hash after the first, doubled, is tested with the
 * mask doubled, which saves a shift a byte. In 64 bits, so that doubling loses
 * no bit; those above the 32nd never come back down.
 */
export function roll(from: usize, to: usize, hash: u32, mask: u32): usize {
  let h: u64 = hash
  const once: u64 = mask
  const twice: u64 = once << 1
  let p = from
  if (to - from >= 2) {
    for (const whole = to - 1; p < whole; p += 2) {
      h = (h << 2) + load<u64>(GEAR_DOUBLED + ((<usize>load<u8>(p)) << 3))
      if (!(h & twice)) return p + 1
      h += load<u32>(GEAR + ((<usize>load<u8>(p, 1)) << 2))
      if (!(h & once)) return p + 2
    }
  }
  if (p < to) {
    h = (h << 1) + load<u32>(GEAR + ((<usize>load<u8>(p)) << 2))
    if (!(h & once)) return p + 1
  }
  last = <u32>h
  return 0
}
