import type { EntryId, Operation } from '@causeway/protocol'
import { TIMINGS } from '../timings.ts'

const MOST_REMEMBERED = 1000
const DIRECTORY_REFUSED = 'the directory that it lies in could not be sent'

/** Operations that the coordinator could not take, by what they say. */
export class RefusedOperations {
  readonly #refused = new Map<
    string,
    { readonly detail: string; readonly retryAtMs: number; readonly waitMs: number }
  >()

  /** Entries whose create was not taken: nothing can be made in them. */
  readonly #creates = new Set<EntryId>()

  /** Why an operation is not to be sent now; `undefined` if it may be. */
  reason(operation: Operation, nowMs: number): string | undefined {
    if (operation.kind === 'create' && this.#creates.has(operation.place.parent)) return DIRECTORY_REFUSED
    const refused = this.#refused.get(keyOf(operation))
    return refused !== undefined && nowMs < refused.retryAtMs ? refused.detail : undefined
  }

  add(operation: Operation, detail: string, nowMs: number): void {
    if (operation.kind === 'create') this.#creates.add(operation.entry)
    const key = keyOf(operation)
    const before = this.#refused.get(key)
    const waitMs = before === undefined ? TIMINGS.firstRetryMs : Math.min(2 * before.waitMs, TIMINGS.longestRetryMs)
    this.#refused.delete(key)
    this.#refused.set(key, { detail, retryAtMs: nowMs + waitMs, waitMs })
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > MOST_REMEMBERED && oldest !== undefined) this.#refused.delete(oldest)
    const [firstCreate] = this.#creates
    if (this.#creates.size > MOST_REMEMBERED && firstCreate !== undefined) this.#creates.delete(firstCreate)
  }

  forget(operation: Operation): void {
    if (this.#refused.size > 0) this.#refused.delete(keyOf(operation))
  }
}

/** What an operation says, whatever its counter: a create is the same one when it is made again. */
function keyOf(operation: Operation): string {
  switch (operation.kind) {
    case 'create':
      return JSON.stringify(['create', operation.place, operation.content])
    case 'edit':
      return JSON.stringify(['edit', operation.entry, operation.content])
    case 'move':
      return JSON.stringify(['move', operation.entry, operation.place])
    case 'delete':
      return JSON.stringify(['delete', operation.entry])
    case 'offer':
      return JSON.stringify(['offer', operation.state])
  }
}
