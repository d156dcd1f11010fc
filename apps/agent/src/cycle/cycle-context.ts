import type { Access, FolderId, HeldReport, NodeId } from '@causeway/protocol'
import type { Files, RelativePath, ReplicaState, WatchHint } from '@causeway/replica'
import type { CoordinatorLink, ProgressListener, SaveStopwatch, Transfer } from '../ports.ts'
import type { CycleMemory } from './cycle-memory.ts'
import type { Problem } from './problem.ts'

/** All that a sync cycle of one folder works with. */
export interface CycleContext {
  readonly folder: FolderId
  readonly node: NodeId
  readonly nodeName: string
  readonly access: Access
  readonly files: Files
  readonly state: ReplicaState
  readonly link: CoordinatorLink
  readonly transfer: Transfer
  /** Milliseconds of a clock that only goes forward: for every wait. */
  readonly now: () => number
  /** Milliseconds since 1970, as people set them: for names, and beside the times of files. Never for a wait. */
  readonly wallNow: () => number
  /** When something last happened on the disk, by `now`; `null` where nobody watches. */
  readonly lastEventMs: () => number | null
  readonly progress: ProgressListener
  readonly saves: SaveStopwatch
  readonly memory: CycleMemory
}

/** Where to look, and whether the change log is to be asked. */
export interface ScanScope {
  readonly directories: readonly WatchHint[]
  /** False if everything the coordinator has was pushed already. */
  readonly pull: boolean
}

/** Why deletes are held back until a person says so. */
export interface Halt {
  readonly reason: string
  readonly removed: number
  readonly live: number
  /** Some of the paths that would go. */
  readonly sample: readonly RelativePath[]
  /** What it holds back, by directory; `null` where that is not known. */
  readonly held: HeldReport | null
}

/** A person's word on a halt: what is held back goes, or what is gone from this disk comes back. */
export type HaltChoice = 'let-go' | 'put-back'

export interface CycleReport {
  readonly changedAnything: boolean
  /** Local changes that are not with the coordinator yet. */
  readonly pendingUp: number
  /** States of the coordinator that are not on the disk yet. */
  readonly pendingDown: number
  /** How many of those stay until a person has done something, as `problems` says. */
  readonly waitsForPerson: number
  readonly problems: readonly Problem[]
  readonly halted: Halt | null
  /** Conflict copies that this cycle led to. */
  readonly conflicts: number
  /** Look again at these, after `rescanAfterMs`. */
  readonly rescan: readonly WatchHint[]
  readonly rescanAfterMs: number | null
  /** For so long nothing makes the next cycle begin: what goes on would be looked at in vain. */
  readonly pauseMs: number
  /** True if `.causewayignore` changed: everything must be scanned with the new rules. */
  readonly ignoreRulesChanged: boolean
}
