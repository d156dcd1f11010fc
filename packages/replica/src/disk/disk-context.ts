import { setImmediate } from 'node:timers/promises'
import { SyncError } from '@causeway/protocol'
import type { RelativePath } from '../files.ts'
import type { Directories, RootIdentity, Spot } from './directories.ts'
import type { NativeCalls } from './native.ts'
import type { OpenWriters } from './open-writer.ts'
import { STAGING_DIRECTORY } from './root-marker.ts'

/** What all parts of the disk implementation share. */
export interface DiskContext {
  readonly root: RootIdentity
  readonly directories: Directories
  readonly native: NativeCalls
  readonly writers: OpenWriters
  /**
   * Gives the event loop a turn if it has had none for some milliseconds.
   * System calls here are synchronous, several times quicker than through the
   * thread pool; this keeps a long run of them from holding up everything else.
   */
  breathe(): Promise<void> | undefined
}

const TURN_MS = 8

export function createBreather(): () => Promise<void> | undefined {
  let turnEnds = performance.now() + TURN_MS
  let turn: Promise<void> | undefined
  return () => {
    if (turn !== undefined) return turn
    if (performance.now() < turnEnds) return undefined
    turn = setImmediate().then(() => {
      turn = undefined
      turnEnds = performance.now() + TURN_MS
    })
    return turn
  }
}

/** The staging area as a directory to act in. Throws `root-missing` if it is gone. */
export function stagingSpot(context: DiskContext): Spot {
  const spot = context.directories.at(STAGING_DIRECTORY)
  if (spot !== undefined) return spot
  throw new SyncError('root-missing', `${context.root.path} has lost its staging area (${STAGING_DIRECTORY})`)
}

/** The answer for a path whose directory is not there. */
export function parentGone(path: RelativePath): { kind: 'changed'; detail: string } {
  return { kind: 'changed', detail: `the directory of ${path} is gone` }
}
