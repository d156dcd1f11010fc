import { isSyncError, SyncError } from '@causeway/protocol'
import { askControl, type ControlRequest } from '../state/control.ts'
import { stateRoot } from '../state/locations.ts'
import { readEnrolment } from '../state/state-directory.ts'
import type { Terminal } from './terminal.ts'

/** Asks the running node for what only it can do; where none runs, `remedy` goes with the refusal. */
export async function askRunningNode(
  { env }: Pick<Terminal, 'env'>,
  state: string | undefined,
  { request, remedy }: { readonly request: ControlRequest; readonly remedy: string },
): Promise<unknown> {
  const { locations } = await readEnrolment(stateRoot(state, env))
  return askControl(locations.control, request).catch((error: unknown) => {
    if (!isSyncError(error, 'not-found') || !error.message.startsWith('no node runs')) throw error
    throw new SyncError('not-found', `${error.message}: ${remedy}`, { cause: error })
  })
}
