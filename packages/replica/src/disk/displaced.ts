import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  unlink as unlinkCallback,
  unlinkSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { randomBytes } from 'node:crypto'
import { conflictName, joinPath } from '@causeway/engine'
import { SyncError } from '@causeway/protocol'
import type { RelativePath, Stat } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, ifPresent } from './disk-error.ts'
import { statAt } from './disk-stat.ts'
import type { Spot } from './directories.ts'
import { displacedName, parseDisplacedName, type DisplacedFile } from './displaced-name.ts'
import { createDisposal } from './disposal.ts'
import { findDirectory, inodeOf } from './find-directory.ts'
import { withWritable } from './lifted-modes.ts'
import { errnoError } from './native.ts'
import { renameWithoutReplacing } from './placing.ts'
import { MARKER_DIRECTORY, splitPath } from './relative-path.ts'

const unlinkAsync = promisify(unlinkCallback)

const DISPLACED = 'displaced'
const DISPLACED_DIRECTORY = `${MARKER_DIRECTORY}/${DISPLACED}`

/** Where nobody can say whether a file has a writer, it is kept for so long. */
const DOUBTED_MS = 30_000
/** So many are looked at whenever that is asked for; of more, those that are due. */
const FEW = 256
/** How soon files that may still be written to are looked at again. */
const LOOK_MS = 1_000

/**
 * Files that were taken out of the tree: the old version of one that was
 * replaced, and what was removed. A program that opened one just before may go
 * on writing to it, so it is kept until nobody can, and comes back if it was
 * written to. Its name says what it was, so that a later run finds out too.
 */
export interface Displaced {
  readonly spot: Spot
  /** A name for the file that is now at `name` in `from`. */
  nameFor(from: Spot, name: string, expected: Stat): string
  /** The file lies there now: it goes as soon as nobody can write to it, a small one not at once. */
  took(name: string, sizeBytes: number, path: RelativePath): void
  /** Lets go at once of all that nobody can write to. True if that made room. */
  makeRoom(): boolean
  /** See `Files.returnLateSaves`. */
  returnLateSaves(): Promise<readonly RelativePath[]>
  /** Leaves what waits to the next run. */
  stop(): void
}

export interface DisplacedOptions {
  /** As people call this node: for the names of conflict copies. */
  readonly nodeName: string
  readonly doubtedMs?: number
}

export function openDisplaced(context: DiskContext, { nodeName, doubtedMs = DOUBTED_MS }: DisplacedOptions): Displaced {
  const run = randomBytes(4).toString('hex')
  let lastNumber = 0
  /** Files that may still be written to, or have been. */
  const doubted = new Map<string, Doubted>()
  /** Small files that wait to be removed. */
  const waiting = new Map<string, RelativePath>()
  let hasListed = false
  let timer: NodeJS.Timeout | undefined
  let isReturning = false

  const disposal = createDisposal({
    remove: async (name) => {
      const path = waiting.get(name)
      waiting.delete(name)
      if (isLetGo(name)) await unlinkInOwnTime(name)
      else doubt(name, path)
    },
  })

  function spot(): Spot {
    const found = context.directories.at(DISPLACED_DIRECTORY)
    if (found !== undefined) return found
    const marker = context.directories.at(MARKER_DIRECTORY)
    if (marker === undefined) throw new SyncError('root-missing', `${context.root.path} has lost its marker`)
    try {
      mkdirSync(`${marker.prefix}/${DISPLACED}`, { mode: 0o700 })
    } catch (cause) {
      if (errnoOf(cause) !== 'EEXIST') throw diskError(`cannot make ${DISPLACED_DIRECTORY}`, cause)
    }
    const made = context.directories.at(DISPLACED_DIRECTORY)
    if (made === undefined) throw new SyncError('io-error', `${DISPLACED_DIRECTORY} is not a directory`)
    return made
  }

  /** While there is room for it: on a full disk nothing could be removed for the lack of this directory. */
  function prepare(): void {
    try {
      spot()
    } catch {
      // Whoever needs it is told.
    }
  }

  function nameFor(from: Spot, name: string, expected: Stat): string {
    lastNumber += 1
    return displacedName(`${run}${lastNumber.toString(36)}`, { file: expected, directory: inodeOf(from), name })
  }

  function took(name: string, sizeBytes: number, path: RelativePath): void {
    if (disposal.take(name, sizeBytes)) waiting.set(name, path)
    else if (isLetGo(name)) attempt(`cannot remove ${path}`, () => unlinkSync(`${spot().prefix}/${name}`))
    else doubt(name, path)
  }

  function doubt(name: string, path: RelativePath | undefined): void {
    waiting.delete(name)
    const sinceMs = performance.now()
    if (!doubted.has(name)) doubted.set(name, { path, sinceMs, lookAtMs: sinceMs })
    lookLater()
  }

  /** Whether nobody has written to a file since it was displaced, and nobody can any more. */
  function isLetGo(name: string): boolean {
    const was = parseDisplacedName(name)
    if (was === undefined) return true
    const { isOpen, isChanged } = stateOf(name, was)
    return isOpen === false && !isChanged
  }

  function stateOf(name: string, was: DisplacedFile): { isOpen: boolean | undefined; isChanged: boolean } {
    // Asked first: nobody finds a way to the file any more, so a save that is missed by the look was made by a writer.
    const isOpen = context.writers.isOpen(spot(), name)
    const now = lstatSync(`${spot().prefix}/${name}`, { bigint: true, throwIfNoEntry: false })
    // With another inode it is the new version, which was about to be placed; with another name it is not lost.
    if (now === undefined || !now.isFile() || now.ino !== was.inode || now.nlink > 1n) return NOBODY
    return { isOpen, isChanged: Number(now.size) !== was.size || now.mtimeNs !== was.mtimeNs }
  }

  /** Through a handle of its own: the directory's others may be closed before the call gets its turn. */
  async function unlinkInOwnTime(name: string): Promise<void> {
    const fd = openSync(spot().prefix, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      const directory = process.platform === 'linux' ? `/proc/self/fd/${fd}` : spot().prefix
      await unlinkAsync(`${directory}/${name}`)
    } finally {
      closeSync(fd)
    }
  }

  function makeRoom(): boolean {
    const names = [...waiting.keys()]
    for (const name of names) {
      const path = waiting.get(name)
      if (path === undefined) continue
      waiting.delete(name)
      if (isLetGo(name)) ifPresent('cannot make room', () => unlinkSync(`${spot().prefix}/${name}`))
      else doubt(name, path)
    }
    return names.length > 0
  }

  function lookLater(): void {
    if (timer !== undefined || doubted.size === 0) return
    timer = setTimeout(() => {
      timer = undefined
      // What it throws, the next cycle's call will throw as well, and tell.
      void returnLateSaves()
        .catch(() => undefined)
        .finally(lookLater)
    }, LOOK_MS)
    timer.unref()
  }

  async function returnLateSaves(): Promise<readonly RelativePath[]> {
    if (isReturning) return []
    isReturning = true
    try {
      listEarlier()
      doubtFew()
      const returned: RelativePath[] = []
      const isLookedAt = doubted.size <= FEW ? () => true : isDue
      for (const [name, one] of doubted) {
        if (!isLookedAt(one)) continue
        await context.breathe()
        const was = parseDisplacedName(name)
        const { isOpen, isChanged } = was === undefined ? NOBODY : stateOf(name, was)
        const ageMs = performance.now() - one.sinceMs
        one.lookAtMs = performance.now() + Math.max(LOOK_MS, ageMs)
        if (isOpen === true || (isOpen === undefined && !isChanged && ageMs < doubtedMs)) continue
        if (was !== undefined && isChanged) returned.push(await bringBack(name, was, one.path))
        else ifPresent('cannot remove a displaced file', () => unlinkSync(`${spot().prefix}/${name}`))
        doubted.delete(name)
      }
      lookLater()
      return returned
    } finally {
      isReturning = false
    }
  }

  /** Files that were displaced a moment ago may be looked at now as well as later, if they are not too many. */
  function doubtFew(): void {
    if (waiting.size > FEW) return
    for (const [name, path] of waiting) {
      if (!isLetGo(name)) doubt(name, path)
    }
  }

  /** What earlier runs left is looked through once. */
  function listEarlier(): void {
    if (hasListed) return
    const names = attempt(`cannot list ${DISPLACED_DIRECTORY}`, () => readdirSync(spot().prefix))
    hasListed = true
    for (const name of names) {
      if (!name.startsWith(run)) doubt(name, undefined)
    }
  }

  /** Into the directory it lay in, wherever that is now, or else into the root. */
  async function bringBack(name: string, was: DisplacedFile, path: RelativePath | undefined): Promise<RelativePath> {
    const likely = path === undefined ? undefined : splitPath(path).parent
    const parent = (await findDirectory(context, was.directory, likely)) ?? ''
    return withWritable(context, [parent], () => putInto(parent, name, was))
  }

  function putInto(parent: RelativePath, name: string, was: DisplacedFile): RelativePath {
    const to = context.directories.at(parent)
    if (to === undefined) return putInto('', name, was)
    for (let candidate = was.name; ;) {
      const refusal = renameWithoutReplacing(context, spot(), name, to, candidate)
      if (refusal === undefined) return joinPath(parent, candidate)
      if (refusal !== 'EEXIST') {
        throw diskError(`cannot bring back a late save of ${was.name}`, errnoError(refusal, candidate))
      }
      candidate = conflictName({
        name: was.name,
        nodeName,
        at: new Date().toISOString(),
        isTaken: (taken) => statAt(to, taken) !== undefined,
      })
    }
  }

  prepare()
  return {
    get spot() {
      return spot()
    },
    nameFor,
    took,
    makeRoom,
    returnLateSaves,
    stop() {
      clearTimeout(timer)
      timer = undefined
      disposal.stop()
      waiting.clear()
    },
  }
}

interface Doubted {
  readonly path: RelativePath | undefined
  readonly sinceMs: number
  /** Looked at again, after a while that grows with its age. */
  lookAtMs: number
}

function isDue({ lookAtMs }: Doubted): boolean {
  return performance.now() >= lookAtMs
}

const NOBODY = { isOpen: false, isChanged: false }
