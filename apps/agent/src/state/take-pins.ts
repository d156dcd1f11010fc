import type { KeyPin } from '@causeway/protocol'
import type { Dialler } from '../link/dialler.ts'
import type { StateDirectory } from './state-directory.ts'

/**
 * Accepts from now on what the coordinator announced over a connection with a
 * pinned key, and keeps it first. Returns what the node accepts: nothing where
 * it has pinned no key, as to it the word of whatever answers there means nothing.
 */
export async function takePins(
  state: Pick<StateDirectory, 'update'>,
  dialler: Pick<Dialler, 'pins' | 'repin'>,
  pins: readonly KeyPin[],
): Promise<readonly KeyPin[]> {
  if (dialler.pins.length === 0) return []
  if (dialler.pins.join() === pins.join()) return pins
  await state.update((record) => ({ ...record, coordinator: { ...record.coordinator, pins } }))
  dialler.repin(pins)
  return pins
}
