import { type CommitRequest, type Content, type EntryState, type Operation, type Outcome } from '@causeway/protocol'
import { massDeleteBrake } from '../brakes.ts'
import { counterOf } from '../version-vector.ts'
import { decideCreate } from './decide-create.ts'
import { decideDelete } from './decide-delete.ts'
import { decideEdit } from './decide-edit.ts'
import { decideMove } from './decide-move.ts'
import { decideOffer } from './decide-offer.ts'
import { refused, type Deciding } from './deciding.ts'
import type { CommitDecision } from './decision.ts'
import type { FolderSnapshot } from './folder-snapshot.ts'
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
  if (request.operations.some(({ kind }) => kind === 'offer')) tree.leapAhead()
  let counted: { readonly brake: string | null } | undefined
  // Counted at the first delete: what was moved out before is not removed with its old directory.
  const brake = (): string | null => (counted ??= { brake: brakeOn(tree, snapshot, request) }).brake
  const outcomes = request.operations.map((operation) => {
    const author = { node: snapshot.node.id, counter: operation.counter }
    const deciding = { tree, snapshot, request, author }
    const outcome = decideOperation(deciding, operation, brake)
    sweepEmptied(deciding)
    return outcome
  })
  const needs = tree.needs
  return needs === null ? { kind: 'decided', outcomes, writes: tree.writes } : { kind: 'needs', needs }
}

function decideOperation(deciding: Deciding, operation: Operation, brakeNow: () => string | null): Outcome {
  const { snapshot, tree } = deciding
  if (snapshot.node.access === 'receive-only') {
    return refused('no-write-access', `${snapshot.node.name} only receives this folder`, statesOf(deciding, operation))
  }
  // A counter that is not new would name two events: the node's memory was set back.
  if (operation.counter <= counterOf(tree.clock, snapshot.node.id)) {
    return refused(
      'invalid',
      `event ${operation.counter} of ${snapshot.node.name} was used before`,
      statesOf(deciding, operation),
    )
  }
  const missing = missingContent(snapshot, operation)
  if (missing !== null) return missing
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
    case 'offer':
      return decideOffer(deciding, operation)
  }
}

function statesOf({ tree }: Deciding, operation: Operation): { states?: readonly EntryState[] } {
  if (operation.kind === 'create' || operation.kind === 'offer') return {}
  const state = tree.entry(operation.entry)
  return state === undefined ? {} : { states: [state] }
}

function missingContent(snapshot: FolderSnapshot, operation: Operation): Outcome | null {
  const content = contentOf(operation)
  if (content?.kind !== 'file') return null
  const missing = snapshot.unavailable.get(content.hash)
  if (missing === undefined) return null
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

/** Counts what the commit would remove; the reason to wait for a person, or null. */
function brakeOn(tree: WorkingTree, snapshot: FolderSnapshot, request: CommitRequest): string | null {
  const deletes = request.operations.filter((operation) => operation.kind === 'delete')
  if (deletes.length === 0) return null
  let removed = snapshot.recentDeletes
  for (const operation of deletes) {
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
  tree.halted = brake?.reason ?? null
  return tree.halted
}

/** From this event on, the brake counts anew. */
function letThrough(tree: WorkingTree, reason: string): void {
  tree.resumed = true
  const note = { kind: 'resume', entry: null, decision: 'noted', seq: 0, entries: 0 } as const
  tree.note(tree.ownAuthor(), { ...note, reason: `A person let a mass deletion through: ${reason}.` })
}
