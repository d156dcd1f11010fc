import { basePath, type LocalChange, type LocalEdit } from '@causeway/engine'
import { bringBack } from '../base-edits.ts'
import { changedHere } from '../changed-here.ts'
import type { CycleContext } from '../cycle-context.ts'
import { heldRemovals } from '../apply/hold-removals.ts'
import { beginReread, giveUpOffer } from '../pull/reread.ts'

/**
 * A person wants back what is gone from this disk: the coordinator's states of
 * it are pending again, and nothing of it is deleted anywhere. To be called once
 * moves were sent: what was moved out of a directory that is gone stays where
 * it is now.
 */
export function putBack(context: CycleContext, changes: readonly LocalChange[]): void {
  const { state, memory } = context
  for (const change of changes) {
    const base = change.kind === 'delete' ? state.base(change.base.id) : undefined
    if (base !== undefined) bringBack(context, base)
  }
  // What this node alone remembers as deleted, of a coordinator that was set back: the log tells what stands there.
  const tombstones = memory.send.reoffers.takeTombstones()
  for (const tombstone of tombstones) giveUpOffer(context, tombstone, [])
  if (tombstones.length > 0) beginReread(context)
}

/**
 * A person wants back, for everybody, what was deleted elsewhere and is held
 * back from this disk: saving it again brings an entry back to life, with its
 * history. Parents first. What was changed here meanwhile is sent anyway.
 */
export function revivals(context: CycleContext, changes: readonly LocalChange[]): readonly LocalEdit[] {
  const { state } = context
  const { entries } = changedHere(changes)
  return heldRemovals(context)
    .flatMap(({ id }): LocalEdit[] => {
      const base = entries.has(id) ? undefined : state.base(id)
      const path = base === undefined ? undefined : basePath(state, id)
      return base === undefined || path === undefined ? [] : [{ kind: 'edit', base, path, stat: base.stat }]
    })
    .toSorted((a, b) => depthOf(a) - depthOf(b))
}

function depthOf({ path }: LocalEdit): number {
  return path.split('/').length
}
