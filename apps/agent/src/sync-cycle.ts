import { diff, directoryOf, orderChanges, type BaseView, type LocalChange, type Stat } from '@causeway/engine'
import type { ChangeBatch } from '@causeway/protocol'
import { scan, type RelativePath, type ScanResult } from '@causeway/replica'
import { applyRemote } from './cycle/apply-remote.ts'
import { changedHere } from './cycle/changed-here.ts'
import { withCommitsInParts } from './cycle/commit-in-parts.ts'
import type { CycleContext, CycleReport, ScanScope } from './cycle/cycle-context.ts'
import { spendWord, wordOf } from './cycle/halt-word.ts'
import { holdDeletes, holdUnlooked, tellRefused } from './cycle/hold-deletes.ts'
import { letRemovalsThrough } from './cycle/hold-removals.ts'
import { refreshIgnoreRules } from './cycle/ignore-file.ts'
import { holdUnfinished } from './cycle/in-use.ts'
import { keepLocal } from './cycle/keep-local.ts'
import { nameWhatWaits } from './cycle/name-what-waits.ts'
import { recoverPlaced } from './cycle/placing.ts'
import { pull } from './cycle/pull.ts'
import { putBack, revivals } from './cycle/put-back.ts'
import { readAgain } from './cycle/read-again.ts'
import { sendChanges } from './cycle/send-changes.ts'
import { sendWanted } from './cycle/send-wanted.ts'
import { endReread, rereadBlockers, resumeReread } from './cycle/reread.ts'
import { rereadSuspects, takeBatch } from './cycle/take-batch.ts'
import { Tally } from './cycle/tally.ts'

export type { CycleContext, CycleReport, ScanScope } from './cycle/cycle-context.ts'
export { CycleMemory } from './cycle/cycle-memory.ts'
export { liftHalt } from './cycle/halt-word.ts'

/** What lies below a moved directory is looked at when the move itself is under way. */
const LOOK_BELOW_MS = 50

/**
 * Brings one folder in step, both ways, as far as it can be now.
 *
 * ```
 * disk ──scan──▶ local ──diff──▶ local changes ──send──▶ outcomes ──advance──▶ base
 * change log ──pull──▶ remote ──stage──▶ staged ──apply──▶ outcomes ──advance──▶ base
 * ```
 *
 * Local changes go first wherever both sides changed an entry: the coordinator
 * decides, and what it decided comes back as a remote state. Throws `offline`,
 * `root-missing` and the like where the whole folder can't go on; nothing is
 * lost then, and the next cycle goes on from where this one stood.
 */
export async function runSyncCycle(context: CycleContext, scope: ScanScope, signal: AbortSignal): Promise<CycleReport> {
  const tally = new Tally(context.now)
  const { state, files, saves, memory } = context
  memory.scanBegins()
  await files.checkRoot()
  await recoverPlaced(context, signal)
  for (const path of await files.returnLateSaves()) tally.lookAgain(directoryOf(path), 0)
  await readAgain(context, signal)
  await refreshIgnoreRules(context, tally)
  saves.scanBegins()
  const { changes, deferred } = await localChanges(context, tally, scope, signal)
  saves.scanned(scope.directories, changes)
  memory.found(context.access === 'receive-only' ? 0 : changes.length)
  const here = changedHere(changes)

  resumeReread(context)
  const suspicionMs = rereadSuspects(context)
  if (suspicionMs !== null) tally.lookAgain('', suspicionMs)
  if (scope.pull || memory.reading.kind !== 'live') await pull(context, tally, here, signal)
  const word = wordOf(state)
  const approved = word === 'let-go'
  if (approved) letRemovalsThrough(state)
  const receives = context.access === 'receive-only'
  const known = deferred.size > 0 ? holdUnlooked(context, tally, changes) : changes
  const sendable = receives || deferred.size > 0 ? known : holdDeletes(context, tally, known, word)
  if (receives) await keepLocal(context, tally, known)
  else
    await sendChanges(withCommitsInParts(context), tally, await holdUnfinished(context, tally, sendable), {
      approved,
      revivals: word === 'put-back' ? revivals(context, changes) : [],
      signal,
    })
  tellRefused(context, tally, sendable)
  const putsBack = word === 'put-back' && !receives
  if (putsBack) putBack(context, known)
  if (word !== null && known.length === changes.length) spendWord(state)

  // An answer may have told only half of what it decided: before anything is placed, the log tells the rest.
  if (memory.reading.kind === 'behind') await pull(context, tally, changedHere([]), signal)
  // What waits a moment to be sent is still to be: what is the same elsewhere must not pass for it.
  const held = tally.halted === null && !receives && !putsBack ? without(changes, sendable) : []
  nameWhatWaits(context, tally, await applyRemote(context, tally, changedHere(held), signal))
  rereadBlockers(context)
  await sendWanted(context, signal)
  endReread(context)
  memory.unlooked = deferred
  if (memory.mustLookAround) tally.lookAgain('', 0, true)
  memory.mustLookAround = false
  if (scope.directories.some(({ directory, recursive }) => directory === '' && recursive)) state.pruneChunkLists()
  return tally.report(context.access === 'send-only' ? 0 : state.pendingCount())
}

function without(changes: readonly LocalChange[], others: readonly LocalChange[]): readonly LocalChange[] {
  const left = new Set(changes)
  for (const change of others) left.delete(change)
  return [...left]
}

/** Takes in a batch that the coordinator pushed; the next cycle places it. Not to be called while one runs. */
export function receiveChanges(context: CycleContext, batch: ChangeBatch): void {
  takeBatch(context, batch, 'pushed')
}

interface LocalChanges {
  readonly changes: readonly LocalChange[]
  /** Directories that were moved, and that the next cycle looks into. */
  readonly deferred: ReadonlySet<RelativePath>
}

async function localChanges(
  context: CycleContext,
  tally: Tally,
  scope: ScanScope,
  signal: AbortSignal,
): Promise<LocalChanges> {
  const { files, state, memory } = context
  const isIgnored = (path: string, kind: Stat['kind']): boolean =>
    kind !== 'other' && memory.rules.isIgnored(path, kind)
  const held = memory.removals.held.map((directory) => ({ directory, recursive: false }))
  const unlooked = [...memory.unlooked].map((directory) => ({ directory, recursive: true }))
  const request = { files, base: state, isIgnored, scope: [...scope.directories, ...held, ...unlooked], signal }
  let found = await scan(request)
  let changes = differences(state, found, isIgnored)
  if (found.deferred.some((path) => !mayWait(path, changes))) {
    const all = found.deferred.map((directory) => ({ directory, recursive: true }))
    found = await scan({ ...request, scope: [...request.scope, ...all], defersMoved: false })
    changes = differences(state, found, isIgnored)
  }
  rememberProblems(context, found)
  for (const { path, code, message } of memory.scanProblems.values()) tally.problem(path, code, message)
  const deferred = new Set(found.deferred)
  memory.unlooked = new Set([...memory.unlooked, ...deferred])
  for (const directory of deferred) tally.lookAgain(directory, LOOK_BELOW_MS, true)
  return { changes: orderChanges(state, changes), deferred }
}

/**
 * True if what lies below a directory that seems to have been moved may be
 * looked at later: it really was moved, and the move waits for no delete, as
 * deletes wait for that look.
 */
function mayWait(path: RelativePath, changes: readonly LocalChange[]): boolean {
  return !changes.some((change) => {
    if (change.kind === 'create') return change.path === path
    return change.kind === 'delete' && (change.path === path || path.startsWith(`${change.path}/`))
  })
}

function differences(
  base: BaseView,
  { local, problems, onlyIgnored }: ScanResult,
  isIgnored: (path: string, kind: Stat['kind']) => boolean,
): readonly LocalChange[] {
  // What can't be looked at is there all the same: it is neither changed nor gone.
  const unseen = new Set(problems.map(({ path }) => path))
  const changes = diff(base, local, (path, kind) => unseen.has(path) || isIgnored(path, kind))
  return changes.filter((change) => change.kind !== 'create' || !onlyIgnored.has(change.path))
}

/** What a scan came across stays told until that place was looked at again. */
function rememberProblems({ memory }: CycleContext, { looked, problems }: ScanResult): void {
  for (const path of memory.scanProblems.keys()) {
    if (looked.has(directoryOf(path)) || looked.has(path)) memory.scanProblems.delete(path)
  }
  for (const { path, reason } of problems) {
    memory.scanProblems.set(path, { path, code: reason, message: `can't be synced: ${reason}` })
  }
}
