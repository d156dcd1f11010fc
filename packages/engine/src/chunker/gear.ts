import { splitmix64 } from './splitmix64.ts'

/** The eight ASCII bytes of `causeway`, read as a big-endian number. */
const GEAR_SEED = 0x6361757365776179n

/**
 * The gear table: what each byte value adds to the rolling hash. Entry `i` is
 * the upper half of the `i`-th output of splitmix64 over `GEAR_SEED`. Frozen:
 * another table would cut, and so store, every content anew.
 */
export const GEAR: Int32Array = gearTable()

function gearTable(): Int32Array {
  const outputs = splitmix64(GEAR_SEED)
  return Int32Array.from({ length: 256 }, () => Number(BigInt.asIntN(32, outputs.next().value >> 32n)))
}
