import {
  LIMITS,
  shortened,
  type Access,
  type Cursor,
  type FolderId,
  type FolderReport,
  type HaltReport,
} from '@causeway/protocol'
import type { CycleReport, Halt } from '../cycle/cycle-context.ts'
import { disagreementProblem, type Disagreement } from '../cycle/pull/disagreement.ts'
import type { Phase } from './folder-phase.ts'
import type { IdleProof } from './idle-proof.ts'
import type { WorkDone } from './progress.ts'

/** All that `status` tells of one folder. */
export interface FolderStatus extends FolderReport {
  readonly name: string
  readonly directory: string
  readonly access: Access
  /** Why it is offline, halted or paused, or what failed last; '' where nothing did. */
  readonly reason: string
  readonly epoch: string
  /** Conflict copies that came about since the node started. */
  readonly conflicts: number
  readonly halted: CycleReport['halted']
  /** How many of the changes that are not on this disk stay so until a person acts. */
  readonly waitsForPerson: number
  /** What was done since the folder was last at rest, of all that is known; null at rest. */
  readonly work: WorkDone | null
  /** Bytes a second of the transfers under way. */
  readonly bytesPerSecond: number
  /** Until these are done; `null` while nobody can tell. */
  readonly secondsLeft: number | null
  /** True if they have not moved for some seconds. */
  readonly isStalled: boolean
  /** When both sides were last known to be the same, ISO 8601. */
  readonly lastInSyncAt: string | null
  /** When this node and the coordinator were last shown to hold the same, ISO 8601. */
  readonly provedAt: string | null
  /** Why that could not be shown, where the last attempt failed. */
  readonly proofFailure: string | null
  /** The last time that they turned out not to, since the node started. */
  readonly disagreement: Disagreement | null
}

export interface StatusParts {
  readonly folder: FolderId
  readonly name: string
  readonly directory: string
  readonly access: Access
  readonly phase: Phase
  readonly cursor: Cursor
  readonly report: CycleReport | null
  /** Changes of this disk that the coordinator has not acknowledged, now. */
  readonly unsent: number
  /** States of the coordinator that are not on this disk, now. */
  readonly unplaced: number
  /** True while a cycle is looking at the disk; after that it sends and fetches. */
  readonly isScanning: boolean
  readonly conflicts: number
  readonly failure: { readonly code: string; readonly message: string } | null
  /** Why changes may be seen late; `undefined` where they are seen at once. */
  readonly watchProblem: string | undefined
  /** Why the last message of the coordinator could not be read; `undefined` where it could. */
  readonly pushProblem?: string | undefined
  readonly transfer: FolderReport['transfer']
  readonly work: WorkDone | null
  readonly bytesPerSecond: number
  readonly secondsLeft: number | null
  readonly isStalled: boolean
  readonly lastInSyncAt: string | null
  readonly proof: Pick<IdleProof, 'provedAt' | 'failure'>
  readonly disagreement: Disagreement | null
}

export function folderStatus(parts: StatusParts): FolderStatus {
  const { report, failure, phase, cursor, disagreement } = parts
  // Being offline or paused is a state, not a problem of the folder.
  const failed =
    failure !== null && failure.code !== 'offline' && failure.code !== 'paused' ? [{ path: '', ...failure }] : []
  const watching =
    parts.watchProblem === undefined ? [] : [{ path: '', code: 'watch-limited', message: parts.watchProblem }]
  const differing = disagreement === null || disagreement.settledAt !== null ? [] : [disagreementProblem(disagreement)]
  const pushing =
    parts.pushProblem === undefined ? [] : [{ path: '', code: 'unreadable-message', message: parts.pushProblem }]
  return {
    folder: parts.folder,
    name: parts.name,
    directory: parts.directory,
    access: parts.access,
    // What is known to differ is not at rest, whatever the last cycle found.
    state: stateOf(parts, differing.length > 0),
    reason: phase.reason || (failure?.message ?? ''),
    epoch: cursor.epoch,
    cursor: cursor.seq,
    pendingUp: parts.unsent,
    pendingDown: parts.unplaced,
    conflicts: parts.conflicts,
    halted: report?.halted ?? null,
    problems: [...failed, ...differing, ...watching, ...pushing, ...(report?.problems ?? [])].slice(
      0,
      LIMITS.problemsPerReport,
    ),
    waitsForPerson: report?.waitsForPerson ?? 0,
    transfer: parts.transfer,
    work: parts.work,
    bytesPerSecond: parts.bytesPerSecond,
    // What is held back, offline or paused ends when something else happens, at no pace.
    secondsLeft: STANDS.has(parts.phase.kind) ? null : parts.secondsLeft,
    isStalled: parts.isStalled && !STANDS.has(parts.phase.kind),
    lastInSyncAt: parts.lastInSyncAt,
    provedAt: parts.proof.provedAt,
    proofFailure: parts.proof.failure,
    disagreement,
  }
}

const STANDS: ReadonlySet<Phase['kind']> = new Set(['offline', 'paused', 'halted'])

function stateOf({ phase, isScanning }: StatusParts, differs: boolean): FolderStatus['state'] {
  if (phase.kind === 'idle' && differs) return 'syncing'
  return phase.kind === 'scanning' && !isScanning ? 'syncing' : phase.kind
}

/** What of a status goes to the coordinator: what is too long for a report is shortened, so that the report arrives. */
export function reportOf(status: FolderStatus): FolderReport {
  const { folder, state, cursor, pendingUp, pendingDown, transfer, provedAt } = status
  const secondsLeft = status.secondsLeft === null ? null : Math.ceil(status.secondsLeft)
  const problems = status.problems.map(({ path, code, message }) => ({
    path: shortened(path, LIMITS.pathBytes),
    code: shortened(code, LIMITS.wordChars),
    message: shortened(message, LIMITS.problemChars),
  }))
  // A missing root halts a folder too; nothing waits for a person's word then.
  const halted = state === 'halted' && status.halted !== null ? haltOf(status.halted) : null
  return { folder, state, cursor, pendingUp, pendingDown, problems, transfer, secondsLeft, halted, provedAt }
}

function haltOf({ reason, removed, live, sample, held }: Halt): HaltReport {
  const paths = sample.slice(0, LIMITS.haltSample).map((path) => shortened(path, LIMITS.pathBytes))
  return { reason: shortened(reason, LIMITS.problemChars), removed, live, sample: paths, held }
}
