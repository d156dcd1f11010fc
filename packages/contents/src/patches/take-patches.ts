import { LIMITS, type ContentHash, type Delta, type Patch } from '@causeway/protocol'
import { NO_PATCHES, type SplicedContent, type TakenPatches } from '@causeway/log'
import { listDigest, spliceEncoded, type ChunkList } from './chunk-list.ts'
import type { HeldBytes } from './held-bytes.ts'
import { chunksOf, type Rebuilt } from './rebuild.ts'

/** The chunk lists that one commit may make: more could not be sent whole either. */
const LISTS_BYTES = LIMITS.inflatedBytes

/** Makes the chunk lists and the chunks that a commit's patches stand for. A patch that does not fit hurts no other. */
export async function takePatches(
  patches: readonly Patch[],
  held: Pick<HeldBytes, 'list'>,
  rebuild: (deltas: readonly Delta[]) => Promise<Rebuilt>,
): Promise<TakenPatches> {
  if (patches.length === 0) return NO_PATCHES
  const spliced = new Map<ContentHash, SplicedContent>()
  let left = LISTS_BYTES
  for (const { content, splice } of patches) {
    const base = await held.list(splice.base)
    const made = base && splicedFrom(base, splice, left)
    if (made === undefined) continue
    left -= made.encoded.length
    spliced.set(content, made)
  }
  const readable = patches.filter(hasReadableDeltas)
  const { rows, made, sound } = await rebuild(readable.flatMap(({ deltas }) => deltas))
  const right = new Set(sound)
  return {
    rows,
    made,
    spliced,
    sound: readable.filter(({ content, deltas }) => {
      const made = spliced.get(content)
      if (made === undefined || !deltas.every((delta) => right.has(delta))) return false
      // A bare splice of new chunks came after larger deltas: whoever wants those has to ask.
      return deltas.length > 0 || made.told.length === 0
    }),
  }
}

function splicedFrom(base: ChunkList, splice: Patch['splice'], mostBytes: number): SplicedContent | undefined {
  try {
    const made = spliceEncoded(base.encoded, splice.parts, mostBytes)
    return listDigest(made.encoded) === splice.digest ? { ...made, base } : undefined
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function hasReadableDeltas({ deltas }: Patch): boolean {
  try {
    for (const delta of deltas) chunksOf(delta)
    return true
  } catch {
    return false
  }
}
