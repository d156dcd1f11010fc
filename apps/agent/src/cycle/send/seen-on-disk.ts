import { sameBytesAndMode, vectorsEqual, type BaseEntry } from '@causeway/engine'
import type { CycleContext } from '../cycle-context.ts'

/**
 * Another node had saved the very bytes that this disk held when they were
 * edited here: that was seen, whoever put them there. Returns the base that
 * the edit is made on. Without this, it would be a rival to that save.
 */
export function seenOnDisk({ state }: Pick<CycleContext, 'state'>, base: BaseEntry): BaseEntry {
  const told = state.pendingOf(base.id)
  if (told === undefined || told.deleted || !sameBytesAndMode(told.content, base.content)) return base
  const isInPlace = vectorsEqual(told.placeVector, base.placeVector)
  if (!isInPlace || !vectorsEqual(told.existenceVector, base.existenceVector)) return base
  const seen = { ...base, contentVector: told.contentVector, seq: told.seq }
  state.transaction(() => {
    state.putBase(seen)
    state.removePending(base.id)
  })
  return seen
}
