import {
  type CommitRequest,
  type Content,
  type EntryState,
  type OfferOperation,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import { massDeleteBrake } from '../brakes.ts'
import { toldOutcome } from '../told-state.ts'
import { checkOperation, repeatsCounter } from './check-operation.ts'
import { decideCreate } from './decide-create.ts'
import { decideDelete } from './decide-delete.ts'
import { decideEdit } from './decide-edit.ts'
import { decideMove } from './decide-move.ts'
import { decideOffer } from './decide-offer.ts'
import { refused, type Deciding } from './deciding.ts'
import type { CommitDecision } from './decision.ts'
import type { FolderSnapshot } from './folder-snapshot.ts'
import { broughtBytes, overDailyLimit } from './over-daily-limit.ts'
import { overQuota } from './over-quota.ts'
import { sweepEmptied } from './sweep-emptied.ts'
import { WorkingTree } from './working-tree.ts'

/**
 * Decides a whole commit: what becomes of each operation, and what is to be
 * written. Pure: the same snapshot and request give the same decision, so it
 * can be asked again with more rows (see `FolderSnapshot`).
 *
 * Operations that were answered before must not be in the request: their
 * stored outcome is the answer. Vectors decide, never a clock.
 */
export function decideCommit(snapshot: FolderSnapshot, request: CommitRequest): CommitDecision {
  const tree = new WorkingTree(snapshot, request.clock)
  const isRepeating = repeatsCounter(snapshot, request.operations)
  let counted: { readonly brake: string | null } | undefined
  // Counted at the first delete: what was moved out before is not removed with its old directory.
  const brake = (): string | null => (counted ??= { brake: brakeOn(tree, snapshot, request) }).brake
  const outcomes = request.operations.map((operation) => {
    const author = { node: snapshot.node.id, counter: operation.counter }
    const deciding = { tree, snapshot, request, author }
    const outcome = isRepeating ? repeated(deciding, operation) : decideOperation(deciding, operation, brake)
    sweepEmptied(deciding)
    return toldOutcome(outcome)
  })
  const needs = tree.needs
  return needs === null ? { kind: 'decided', outcomes, writes: tree.writes } : { kind: 'needs', needs }
}

function decideOperation(deciding: Deciding, operation: Operation, brakeNow: () => string | null): Outcome {
  const { snapshot, tree } = deciding
  if (snapshot.node.access === 'receive-only') {
    return refused('no-write-access', `${snapshot.node.name} only receives this folder`, statesOf(deciding, operation))
  }
  const wrong = checkOperation(deciding, operation)
  if (wrong !== null) return wrong
  const missing = missingContent(snapshot, operation)
  if (missing !== null) return missing
  const bytes = broughtBytes(deciding, operation)
  const over = overQuota(deciding, operation) ?? overDailyLimit(deciding, bytes)
  if (over !== null) return over
  const outcome = decidedAlone(deciding, operation, brakeNow)
  if (bytes > 0 && outcome.kind !== 'refused') tree.brought(deciding.author, bytes)
  return outcome
}

function decidedAlone(deciding: Deciding, operation: Operation, brakeNow: () => string | null): Outcome {
  const { tree } = deciding
  switch (operation.kind) {
    case 'create':
      return decideCreate(deciding, operation)
    case 'edit':
      return decideEdit(deciding, operation)
    case 'move':
      return decideMove(deciding, operation)
    case 'delete': {
      const brake = brakeNow()
      return brake === null
        ? decideDelete(deciding, operation)
        : refused('halted', brake, statesOf(deciding, operation))
    }
    case 'offer': {
      const brake = endsLife(tree, operation) ? brakeNow() : null
      return brake === null ? decideOffer(deciding, operation) : refused('halted', brake, statesOf(deciding, operation))
    }
  }
}

/**
 * A counter that is not new would name two events. All of the request waits:
 * what else is in it may speak of an entry that such an event creates, and that
 * is another one here.
 */
function repeated({ snapshot }: Deciding, { counter }: Operation): Outcome {
  const detail = `${snapshot.node.name} has used counters of this commit before; event ${counter} is not taken`
  return refused('counter-used', detail)
}

function statesOf({ tree }: Deciding, operation: Operation): { states?: readonly EntryState[] } {
  if (operation.kind === 'create') return {}
  const state = tree.entry(operation.kind === 'offer' ? operation.state.id : operation.entry)
  return state === undefined ? {} : { states: [state] }
}

function missingContent(snapshot: FolderSnapshot, operation: Operation): Outcome | null {
  const content = contentOf(operation)
  if (content?.kind !== 'file') return null
  const missing = snapshot.unavailable.get(content.hash)
  if (missing === undefined) return null
  if (snapshot.noRoom !== null) return refused('no-room', snapshot.noRoom)
  return refused(
    'missing-content',
    `${missing.length} chunks of content ${content.hash.slice(0, 8)} are not held here`,
    { missing },
  )
}

/** The content an operation brings along, if any. A tombstone offered again brings none. */
export function contentOf(operation: Operation): Content | undefined {
  if (operation.kind === 'create' || operation.kind === 'edit') return operation.content
  if (operation.kind === 'offer' && !operation.state.deleted) return operation.state.content
  return undefined
}

/** True for a tombstone, offered, of what lives here, or is not known here and may live on another disk. */
function endsLife(tree: WorkingTree, { state }: OfferOperation): boolean {
  return state.deleted && tree.entry(state.id)?.deleted !== true
}

/** Counts all lives that the commit would end; the reason to wait for a person, or null. */
function brakeOn(tree: WorkingTree, snapshot: FolderSnapshot, request: CommitRequest): string | null {
  let removed = snapshot.recentDeletes
  for (const operation of request.operations) {
    if (operation.kind === 'offer' && endsLife(tree, operation)) removed += 1
    if (operation.kind !== 'delete') continue
    const state = tree.entry(operation.entry)
    if (state === undefined || state.deleted) continue
    removed += 1 + (operation.subtree ? tree.below(state.id).length : 0)
  }
  const brake = massDeleteBrake({
    live: snapshot.liveCount + snapshot.recentDeletes,
    removed,
    share: snapshot.folder.deleteBrakeShare,
    min: snapshot.folder.deleteBrakeMin,
  })
  if (brake !== null && request.approved) {
    letThrough(tree, brake.reason)
    return null
  }
  if (brake === null) return null
  tree.halted = brake.reason
  if (!snapshot.folder.isHalted) noteHalt(tree, snapshot, brake.reason)
  return brake.reason
}

/** The coordinator's own event: it was the one that stopped, whoever sent the removal. */
function noteHalt(tree: WorkingTree, { node }: FolderSnapshot, reason: string): void {
  const note = { kind: 'halt', entry: null, decision: 'noted', seq: 0, entries: 0 } as const
  tree.note(tree.ownAuthor(), { ...note, reason: `Held back a mass deletion by ${node.name}: ${reason}.` })
}

/** From this event on, the brake counts anew. */
function letThrough(tree: WorkingTree, reason: string): void {
  tree.resumed = true
  const note = { kind: 'resume', entry: null, decision: 'noted', seq: 0, entries: 0 } as const
  tree.note(tree.ownAuthor(), { ...note, reason: `A person let a mass deletion through: ${reason}.` })
}
