/** The endless outputs of splitmix64 from a seed: unsigned 64-bit numbers. */
export function* splitmix64(seed: bigint): Generator<bigint, never> {
  let state = seed
  while (true) {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n)
    let z = state
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n)
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn)
    yield z ^ (z >> 31n)
  }
}
