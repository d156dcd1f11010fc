/** The blocks at fixed positions of `after` that differ from `before` at the same place; the last one may be short. */
export function changedBlocks(before: Uint8Array, after: Uint8Array, blockBytes: number): Uint8Array[] {
  const changed: Uint8Array[] = []
  for (let at = 0; at < after.length; at += blockBytes) {
    const block = after.subarray(at, at + blockBytes)
    if (Buffer.compare(block, before.subarray(at, at + blockBytes)) !== 0) changed.push(block)
  }
  return changed
}
