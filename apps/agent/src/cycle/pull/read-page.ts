import {
  SyncError,
  isSyncError,
  type ChangeBatch,
  type ChangesRequest,
  type Cursor,
  type ErrorCode,
} from '@causeway/protocol'
import { messageOf } from '../../link/json-call.ts'
import type { CycleContext } from '../cycle-context.ts'

const UNREADABLE: readonly ErrorCode[] = ['protocol-mismatch', 'bad-request', 'too-large']

/**
 * Asks for what follows a cursor, in a form that can be read. Throws `protocol-mismatch` if a single
 * change can't be read.
 */
export async function readPage(context: CycleContext, request: Omit<ChangesRequest, 'limit'>): Promise<ChangeBatch> {
  const { link, folder, memory } = context
  const { pages } = memory.pull.log
  for (;;) {
    const form = pages.next(request.full === true)
    try {
      const batch = await link.changes(folder, { ...request, limit: form.limit, ...(form.full && { full: true }) })
      pages.read(form)
      return batch
    } catch (error) {
      if (!UNREADABLE.some((code) => isSyncError(error, code))) throw error
      if (!pages.failed(form, messageOf(error))) throw unreadable(request.cursor, error)
    }
  }
}

function unreadable({ seq }: Cursor, cause: unknown): SyncError {
  return new SyncError(
    'protocol-mismatch',
    `the change after position ${seq} of the folder's log can't be read, not even alone: ${messageOf(cause)}. ` +
      'Install the same version on the coordinator and on this node.',
    { cause },
  )
}
