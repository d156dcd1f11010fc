import { contentOf, withDot } from '@causeway/engine'
import {
  isSyncError,
  type CommitRequest,
  type CommitResponse,
  type ErrorCode,
  type FolderId,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import { messageOf } from '../../link/json-call.ts'
import type { CycleContext } from '../cycle-context.ts'

/** The coordinator refused the commit as a whole, for something in it. */
const REFUSES_ALL: readonly ErrorCode[] = ['bad-request', 'too-large', 'chunk-corrupt', 'manifest-invalid']

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
  const reasons = request.operations.map((operation) => memory.send.refused.reason(operation, now()))
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
    for (const operation of operations) memory.send.refused.forget(operation)
    memory.send.unsent.acknowledged(operations.length)
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
  memory.send.refused.add(operation, detail, now())
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
