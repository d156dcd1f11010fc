import {
  planUndo,
  vectorsEqual,
  type CommittedChange,
  type LeftBecause,
  type UndoPlan,
  type UndoStep,
} from '@causeway/engine'
import {
  COORDINATOR_ID,
  LIMITS,
  SyncError,
  type CommitUndo,
  type EntryId,
  type EntryState,
  type FolderId,
  type NodeId,
  type Operation,
} from '@causeway/protocol'
import type { FolderRow, MetadataReader, VersionRow } from '@causeway/store'
import { type Commits, folderOf, isoNow, pathsOf } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { deleting, editing, moving, numbered, ownRequest } from './own-request.ts'

/**
 * Undoing all that one commit did. A commit is what a node sent in one request
 * and the log took in one step: the log marks where each ends, so any position
 * tells which one it belongs to.
 */
export interface CommitUndos {
  /** What it would do now. Throws `not-found` for a position that no commit made, `bad-request` where the versions before are thinned. */
  plan(folder: FolderId, seq: number): Promise<CommitUndo>
  /** Does it, as new changes by the ordinary rules, and tells what was done. */
  undo(acting: Acting, seq: number): Promise<CommitUndo>
}

interface Planned {
  readonly node: NodeId
  readonly at: string
  readonly plan: UndoPlan
}

/** Steps of one commit: each may take more than one operation. */
const STEPS_PER_COMMIT = LIMITS.operationsPerCommit / 4
const MS_PER_DAY = 86_400_000

export function createCommitUndos({ metadata, clock }: Context, commits: Commits): CommitUndos {
  const planned = (folder: FolderId, seq: number) =>
    metadata.read(async (tx) => planOf(tx, await folderOf(tx, folder), seq, isoNow(clock)))

  /** One commit of the coordinator's own. What was changed since it was planned is left alone, and what is refused is. */
  async function step({ folder, by }: Acting, steps: readonly UndoStep[], reason: string): Promise<UndoPlan> {
    let tried: readonly { readonly step: UndoStep; readonly operation: Operation }[] = []
    const { outcomes } = await commits.author(folder, async (tx, row, counter) => {
      const now = await statesOf(
        tx,
        folder,
        steps.map(({ current }) => current.id),
      )
      tried = steps
        .filter(({ current }) => isUnchanged(current, now.get(current.id)))
        .flatMap((one) => operationsFor(one).map((operation) => ({ step: one, operation })))
      const operations = tried.map(({ operation }) => operation)
      return { request: ownRequest(row, numbered(operations, counter)), note: { reason, actor: by } }
    })
    const refused = new Map<UndoStep, LeftBecause>()
    tried.forEach((one, index) => {
      const outcome = outcomes[index]
      if (outcome?.kind !== 'refused') return
      refused.set(one.step, outcome.refusal === 'missing-content' ? 'not-kept' : 'changed-since')
    })
    const done = new Set(tried.flatMap((one) => (refused.has(one.step) ? [] : [one.step])))
    const left = steps.filter((one) => !done.has(one))
    return {
      steps: [...done],
      left: left.map((one) => ({ entry: one.current, why: refused.get(one) ?? 'changed-since' })),
    }
  }

  return {
    async plan(folder, seq) {
      const { node, at, plan } = await planned(folder, seq)
      return metadata.read((tx) => told(tx, folder, { node, at, plan }))
    },
    async undo(acting, seq) {
      const { folder } = acting
      const { node, at, plan } = await planned(folder, seq)
      const rounds: UndoPlan[] = []
      for (let from = 0; from < plan.steps.length; from += STEPS_PER_COMMIT) {
        const round = plan.steps.slice(from, from + STEPS_PER_COMMIT)
        rounds.push(await step(acting, round, `A person undid the commit of ${at}.`))
      }
      const steps = rounds.flatMap((round) => round.steps)
      const left = [...plan.left, ...rounds.flatMap((round) => round.left)]
      return metadata.read((tx) => told(tx, folder, { node, at, plan: { steps, left } }))
    },
  }
}

async function planOf(tx: MetadataReader, folder: FolderRow, seq: number, now: string): Promise<Planned> {
  if (seq > folder.head) throw new SyncError('not-found', `${folder.name} has no change ${seq}`)
  const after = (await tx.logMark(folder.id, seq - 1))?.seq ?? 0
  const last = (await tx.markAtOrAbove(folder.id, seq))?.seq ?? folder.head
  const rows: VersionRow[] = []
  for (let at = after + 1; at <= last; at++) {
    const row = await tx.version(folder.id, at)
    if (row !== undefined) rows.push(row)
  }
  const [first] = rows
  if (first === undefined) throw new SyncError('not-found', `${folder.name} keeps no version of that commit any more`)
  refuseThinned(folder, first.at, now)
  const current = await statesOf(
    tx,
    folder.id,
    rows.map(({ entry }) => entry),
  )
  const changes: CommittedChange[] = []
  for (const [entry, made] of Map.groupBy(rows, (row) => row.entry)) {
    const newest = made.at(-1)
    const state = current.get(entry)
    if (newest === undefined || state === undefined) continue
    changes.push({ before: await versionBefore(tx, folder.id, made, after), after: newest.state, current: state })
  }
  const around = await surroundings(tx, folder.id, changes)
  const author = rows.find(({ node }) => node !== COORDINATOR_ID) ?? first
  return { node: author.node, at: first.at, plan: planUndo(changes, around) }
}

/** Within the time for which all versions are kept, the one before is the one before. */
function refuseThinned({ settings }: FolderRow, at: string, now: string): void {
  const days = Math.floor(Date.parse(now) / MS_PER_DAY) - Math.floor(Date.parse(at) / MS_PER_DAY)
  if (days <= settings.keepAllDays) return
  throw new SyncError(
    'bad-request',
    `the commit is ${days} days old, and every version is kept for ${settings.keepAllDays}: what stood before may be gone. ` +
      'Bring single files back from their history.',
  )
}

async function versionBefore(
  tx: MetadataReader,
  folder: FolderId,
  made: readonly VersionRow[],
  after: number,
): Promise<CommittedChange['before']> {
  const [first] = made
  if (first === undefined) return undefined
  const [before] = await tx.versions(folder, first.entry, { before: after + 1, limit: 1 })
  if (before !== undefined) return before.state
  // A first version gives an entry its content and its place; any other had one before it.
  const isFirst = (['content', 'place'] as const).every((register) => first.registers.includes(register))
  return isFirst ? null : undefined
}

async function surroundings(tx: MetadataReader, folder: FolderId, changes: readonly CommittedChange[]) {
  const parents = changes.flatMap(({ before }) => (before ? [before.parent] : []))
  const states = await statesOf(tx, folder, parents)
  const below = new Map<EntryId, readonly EntryState[]>()
  for (const { before, current } of changes) {
    const isMade = (before === null || before?.deleted === true) && !current.deleted
    if (isMade && current.content.kind === 'directory') {
      below.set(current.id, await tx.descendants(folder, current.id))
    }
  }
  return {
    isLiveDirectory(id: EntryId): boolean {
      const state = states.get(id)
      return state !== undefined && !state.deleted && state.content.kind === 'directory'
    },
    liveBelow: (id: EntryId) => below.get(id) ?? [],
  }
}

async function statesOf(
  tx: MetadataReader,
  folder: FolderId,
  ids: readonly EntryId[],
): Promise<ReadonlyMap<EntryId, EntryState>> {
  const states = await tx.entries(folder, [...new Set(ids)])
  return new Map(states.map((state) => [state.id, state]))
}

function isUnchanged(then: EntryState, now: EntryState | undefined): boolean {
  return (
    now !== undefined &&
    now.deleted === then.deleted &&
    vectorsEqual(now.contentVector, then.contentVector) &&
    vectorsEqual(now.placeVector, then.placeVector)
  )
}

function operationsFor({ kind, current, goal }: UndoStep): readonly Operation[] {
  const edit = editing(current, goal.content)
  const move = moving(current, { parent: goal.parent, name: goal.name })
  switch (kind) {
    case 'edit':
      return [edit]
    case 'move':
      return [move]
    case 'restore':
      return goal.parent === current.parent && goal.name === current.name ? [edit] : [edit, move]
    case 'delete':
      return [deleting(current, false)]
  }
}

const WHY: Readonly<Record<LeftBecause, string>> = {
  'changed-since': 'it was changed since',
  'deleted-since': 'it was deleted since',
  'holds-newer': 'something newer is in it',
  'directory-gone': 'the directory it was moved out of is gone',
  'not-kept': 'the version before is no longer kept',
}

async function told(tx: MetadataReader, folder: FolderId, { node, at, plan }: Planned): Promise<CommitUndo> {
  const sample = plan.steps.slice(0, LIMITS.haltSample).map(({ current }) => current)
  const left = plan.left.slice(0, LIMITS.problemsPerReport)
  const paths = await pathsOf(tx, folder, [...sample, ...left.map(({ entry }) => entry)])
  const pathOf = ({ id, name }: EntryState): string => paths.get(id) ?? name
  const count = (kind: UndoStep['kind']): number => plan.steps.filter((one) => one.kind === kind).length
  return {
    node,
    at,
    edited: count('edit'),
    deleted: count('delete'),
    restored: count('restore'),
    moved: count('move'),
    sample: [...new Set(sample.map(pathOf))],
    left: left.map(({ entry, why }) => ({ path: pathOf(entry), why: WHY[why] })),
    leftCount: plan.left.length,
  }
}
