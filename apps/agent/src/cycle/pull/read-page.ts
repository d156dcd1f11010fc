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

/** How a node asks for changes. */
export interface PageForm {
  readonly limit: number
  /** True to be sent every state whole. */
  readonly full: boolean
}

export const USUAL_PAGE: PageForm = { limit: 1000, full: false }

const UNREADABLE: readonly ErrorCode[] = ['protocol-mismatch', 'bad-request', 'too-large']

/**
 * Asks for what follows a cursor. A page that can't be read is asked for whole,
 * then in ever smaller pages; the last form that failed is remembered, so that
 * no request is repeated as it was. Throws `protocol-mismatch` if a single
 * change can't be read.
 */
export async function readPage(context: CycleContext, request: Omit<ChangesRequest, 'limit'>): Promise<ChangeBatch> {
  const { link, folder, memory } = context
  for (;;) {
    const form = { limit: memory.page.limit, full: request.full === true || memory.page.full }
    try {
      const batch = await link.changes(folder, { ...request, limit: form.limit, ...(form.full && { full: true }) })
      memory.page = { ...memory.page, limit: Math.min(USUAL_PAGE.limit, form.limit * 2) }
      return batch
    } catch (error) {
      if (!UNREADABLE.some((code) => isSyncError(error, code))) throw error
      memory.unreadable = messageOf(error)
      if (form.full && form.limit === 1) throw unreadable(request.cursor, error)
      memory.page = form.full ? { full: true, limit: Math.floor(form.limit / 2) } : { ...form, full: true }
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
