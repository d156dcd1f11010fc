import { basePath, sameBytes } from '@causeway/engine'
import type { EntryState } from '@causeway/protocol'
import type { ReadOk } from './commit-batch.ts'
import type { CycleContext } from '../cycle-context.ts'
import { readContent } from './read-content.ts'

/** What is to be offered, directories before what is in them. */
export function offersInOrder({ memory, state }: CycleContext): readonly EntryState[] {
  const depth = (offered: EntryState): number => {
    let steps = 0
    for (let at = state.base(offered.parent); at !== undefined; at = state.base(at.parent)) steps += 1
    return steps
  }
  return memory.send.reoffers.states
    .map((offered) => ({ offered, depth: depth(offered) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ offered }) => offered)
}

/** The bytes of an offered file, if the disk still holds exactly that version. */
export async function readOffered(
  context: CycleContext,
  offered: EntryState,
  signal: AbortSignal,
): Promise<ReadOk | null> {
  const base = context.state.base(offered.id)
  if (base === undefined || offered.deleted || base.content.kind !== 'file') return null
  const path = basePath(context.state, base.id)
  if (path === undefined) return null
  // The coordinator was set back: what it holds is not known any more.
  const read = await readContent(context, { path, seen: base.stat, replaces: null, isWhole: true }, signal)
  return read.kind === 'read' && sameBytes(read.content, offered.content) ? read : null
}
