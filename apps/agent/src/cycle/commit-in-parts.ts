import { contentOf, withDot } from '@causeway/engine'
import {
  isSyncError,
  type CommitRequest,
  type CommitResponse,
  type EntryId,
  type ErrorCode,
  type FolderId,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import { messageOf } from '../link/json-call.ts'
import type { CycleContext } from './cycle-context.ts'

/** The coordinator refused the commit as a whole, for something in it. */
const REFUSES_ALL: readonly ErrorCode[] = ['bad-request', 'too-large', 'chunk-corrupt', 'manifest-invalid']

/** A refused operation is tried again after this long, then after twice as long, and so on. */
const FIRST_RETRY_MS = 60_000
const LONGEST_RETRY_MS = 60 * 60_000
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
    const waitMs = before === undefined ? FIRST_RETRY_MS : Math.min(2 * before.waitMs, LONGEST_RETRY_MS)
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

/**
 * A context whose commits never fail for one operation's sake: a commit that
 * the coordinator refuses as a whole is sent in halves, until what it can't
 * take is alone. That operation is answered as `unreadable`, and not sent
 * again for a while; the others stand.
 */
export function withCommitsInParts(context: CycleContext): CycleContext {
  return { ...context, link: { ...context.link, commit: (folder, request) => send(context, folder, request) } }
}

async function send(context: CycleContext, folder: FolderId, request: CommitRequest): Promise<CommitResponse> {
  const { memory, now } = context
  const reasons = request.operations.map((operation) => memory.refused.reason(operation, now()))
  const sendable = request.operations.filter((_, index) => reasons[index] === undefined)
  const answer =
    sendable.length > 0 ? await sendAll(context, folder, partOf(context, request, sendable)) : { outcomes: [] }
  const answered = answer.outcomes[Symbol.iterator]()
  const outcomes = reasons.flatMap((reason) =>
    reason === undefined ? (answered.next().value ?? []) : refusedAs(reason),
  )
  return { ...answer, outcomes }
}

async function sendAll(context: CycleContext, folder: FolderId, request: CommitRequest): Promise<CommitResponse> {
  const { operations } = request
  const { memory } = context
  try {
    const answer = await context.link.commit(folder, request)
    for (const operation of operations) memory.refused.forget(operation)
    memory.acknowledged(operations.length)
    return answer
  } catch (error) {
    const [first] = operations
    if (first === undefined || !REFUSES_ALL.some((code) => isSyncError(error, code))) throw error
    if (operations.length === 1) return { outcomes: [refuse(context, first, messageOf(error))] }
    const middle = Math.ceil(operations.length / 2)
    const before = await send(context, folder, partOf(context, request, operations.slice(0, middle)))
    const after = await send(context, folder, partOf(context, request, operations.slice(middle)))
    return { ...before, ...after, outcomes: [...before.outcomes, ...after.outcomes] }
  }
}

function refuse({ memory, now }: CycleContext, operation: Operation, said: string): Outcome {
  const detail = `the coordinator can't take this change: ${said}. The others went on; it is tried again later.`
  memory.refused.add(operation, detail, now())
  return refusedAs(detail)
}

function refusedAs(detail: string): Outcome {
  return { kind: 'refused', refusal: 'unreadable', detail, states: [], missing: [] }
}

/** Some of a commit's operations, in order, with what belongs to them; the clock claims what the node had seen before the first. */
function partOf({ node }: CycleContext, request: CommitRequest, operations: readonly Operation[]): CommitRequest {
  const [first] = operations
  if (first === undefined || operations.length === request.operations.length) return request
  const hashes = new Set(operations.map(hashIn))
  const patches = request.patches?.filter(({ content }) => hashes.has(content))
  return {
    ...request,
    clock: first.counter > 1 ? { ...withDot(request.clock, node, first.counter - 1) } : request.clock,
    operations: [...operations],
    contents: request.contents.filter(({ hash }) => hashes.has(hash)),
    manifests: request.manifests.filter(({ content }) => hashes.has(content)),
    ...(patches !== undefined && { patches }),
  }
}

function hashIn(operation: Operation): string | undefined {
  const content = contentOf(operation)
  return content?.kind === 'file' ? content.hash : undefined
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
