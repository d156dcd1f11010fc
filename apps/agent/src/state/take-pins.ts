import type { KeyPin } from '@causeway/protocol'
import type { Dialler } from '../link/dialler.ts'
import type { StateDirectory } from './state-directory.ts'

/**
 * Accepts from now on what the coordinator announced over a connection with a
 * pinned key, and keeps it first. False for a node that has pinned none: to it
 * the word of whatever answers there means nothing.
 */
export async function takePins(
  state: Pick<StateDirectory, 'update'>,
  dialler: Pick<Dialler, 'pins' | 'repin'>,
  pins: readonly KeyPin[],
): Promise<boolean> {
  if (dialler.pins.length === 0) return false
  if (dialler.pins.join() === pins.join()) return true
  await state.update((record) => ({ ...record, coordinator: { ...record.coordinator, pins } }))
  dialler.repin(pins)
  return true
}
