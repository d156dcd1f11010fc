import {
  chmodSync,
  closeSync,
  constants,
  copyFile,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
  utimesSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { isContentHash, SyncError, type ContentHash } from '@causeway/protocol'
import type { BaseStore, StoredBase } from '../base-store.ts'
import { isSame, type RelativePath, type Stat } from '../files.ts'
import type { Spot } from './directories.ts'
import type { DiskContext } from './disk-context.ts'
import { attempt, diskError, errnoOf, ifPresent } from './disk-error.ts'
import { statAt, toStat } from './disk-stat.ts'
import { openIn } from './reading.ts'
import { MARKER_DIRECTORY, splitPath } from './relative-path.ts'

const copyLater = promisify(copyFile)

const BASES = 'bases'
const BASES_DIRECTORY = `${MARKER_DIRECTORY}/${BASES}`
const DRAFT = 'draft-'

/** At least this share of the disk stays free of copies. */
const LEFT_FREE = 0.05

/** Bases in the marker directory, on the file system of the root. */
export function openDiskBaseStore(context: DiskContext, leaveFree: number = LEFT_FREE): BaseStore {
  let drafts = 0

  /** The directory; made where there is none, if `isMade`. */
  function spotOf(isMade = false): Spot | undefined {
    const spot = context.directories.at(BASES_DIRECTORY)
    if (spot !== undefined || !isMade) return spot
    const marker = context.directories.at(MARKER_DIRECTORY)
    if (marker === undefined) throw new SyncError('root-missing', `${context.root.path} has lost its marker`)
    try {
      mkdirSync(`${marker.prefix}/${BASES}`, { mode: 0o700 })
    } catch (cause) {
      if (errnoOf(cause) !== 'EEXIST') throw diskError('cannot create the directory of bases', cause)
    }
    return context.directories.at(BASES_DIRECTORY)
  }

  function list(): readonly StoredBase[] {
    const spot = spotOf()
    if (spot === undefined) return []
    return attempt('cannot list the bases', () => readdirSync(spot.prefix)).flatMap((name): StoredBase[] => {
      if (!isContentHash(name)) return []
      const stat = ifPresent('cannot look at a base', () => lstatSync(`${spot.prefix}/${name}`))
      return stat?.isFile() === true ? [{ content: name, sizeBytes: stat.size, usedAtMs: stat.mtimeMs }] : []
    })
  }

  function remove(name: string): void {
    const spot = spotOf()
    if (spot !== undefined) attempt('cannot remove a base', () => rmSync(`${spot.prefix}/${name}`, { force: true }))
  }

  async function keep(content: ContentHash, path: RelativePath, expected: Stat): Promise<boolean> {
    const target = spotOf(true)
    if (target === undefined || !hasRoom(target, expected.size, leaveFree)) return false
    // Handles of our own: a spot is not good beyond an await.
    const directory = attempt('cannot open the bases', () => openSync(target.prefix, constants.O_RDONLY))
    try {
      const source = openSource(context, path)
      if (source === undefined) return false
      try {
        const isExpected = (): boolean => isSame(toStat(fstatSync(source.fd, { bigint: true })), expected)
        if (!isExpected()) return false
        const draft = `${DRAFT}${(drafts += 1)}`
        const place = placeIn(directory, target.prefix)
        await copyLater(placeOf(source), `${place}/${draft}`, constants.COPYFILE_FICLONE)
        if (!isExpected() || lstatSync(`${place}/${draft}`).size !== expected.size) {
          rmSync(`${place}/${draft}`, { force: true })
          return false
        }
        chmodSync(`${place}/${draft}`, 0o600)
        renameSync(`${place}/${draft}`, `${place}/${content}`)
        return true
      } finally {
        closeSync(source.fd)
      }
    } catch (cause) {
      throw diskError(`cannot keep a copy of ${path}`, cause)
    } finally {
      closeSync(directory)
    }
  }

  return {
    list: async () => list(),
    keep,
    open: async (content) => openIn(context, BASES_DIRECTORY, content),
    async touch(content) {
      const spot = spotOf()
      if (spot === undefined || statAt(spot, content)?.kind !== 'file') return
      const now = new Date()
      ifPresent('cannot touch a base', () => utimesSync(`${spot.prefix}/${content}`, now, now))
    },
    remove: async (content) => remove(content),
    async clearDrafts() {
      const spot = spotOf()
      const names = spot === undefined ? [] : attempt('cannot list the bases', () => readdirSync(spot.prefix))
      for (const name of names) if (name.startsWith(DRAFT)) remove(name)
    },
  }
}

interface Source {
  readonly fd: number
  readonly path: string
}

function openSource(context: DiskContext, path: RelativePath): Source | undefined {
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  if (spot === undefined) return undefined
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
  const fd = ifPresent(`cannot open ${path}`, () => openSync(`${spot.prefix}/${name}`, flags))
  return fd === undefined ? undefined : { fd, path: `${spot.prefix}/${name}` }
}

/** On Linux the very file that was opened, whatever its name leads to by now. */
function placeOf({ fd, path }: Source): string {
  return process.platform === 'linux' ? `/proc/self/fd/${fd}` : path
}

function placeIn(directory: number, path: string): string {
  return process.platform === 'linux' ? `/proc/self/fd/${directory}` : path
}

function hasRoom(spot: Spot, sizeBytes: number, leaveFree: number): boolean {
  const { bavail, blocks, bsize } = attempt('cannot look at the free space', () => statfsSync(spot.prefix))
  return bavail * bsize - sizeBytes >= blocks * bsize * leaveFree
}
