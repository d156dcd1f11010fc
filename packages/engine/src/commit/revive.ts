import type { EntryState } from '@causeway/protocol'
import type { ChangedRegister } from './decision.ts'
import { freeName, liveDirectory, touched, type Deciding } from './deciding.ts'

/**
 * Brings a deleted entry back to life in the state given, in its place or,
 * where that is taken by now, beside it. The directories above come back too.
 * `undefined` if what stood above is no directory.
 */
export function revive(
  deciding: Deciding,
  state: Omit<EntryState, 'seq'>,
  registers: readonly ChangedRegister[],
): EntryState | undefined {
  const { tree, author } = deciding
  const parent = liveDirectory(deciding, state.parent)
  if (parent === undefined) return undefined
  const occupant = tree.at({ parent, name: state.name })
  const taken = occupant !== undefined && occupant.id !== state.id
  const name = taken ? freeName(deciding, { parent, name: state.name }) : state.name
  const moved = taken || parent !== state.parent
  return tree.put(
    {
      ...state,
      parent,
      name,
      placeVector: moved ? touched(state.placeVector, tree.ownAuthor()) : state.placeVector,
      deleted: false,
      existenceVector: touched(state.existenceVector, author),
    },
    moved ? [...new Set([...registers, 'place' as const])] : registers,
    author,
  )
}
