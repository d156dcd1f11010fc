import { randomUUID } from 'node:crypto'
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { SyncError, type FolderId } from '@causeway/protocol'
import { attempt, diskError, errnoOf, ifPresent, isAbsence } from './disk-error.ts'
import type { RootIdentity } from './directories.ts'
import { MARKER_DIRECTORY } from './relative-path.ts'

/** What binds a directory to a folder: the content of `.causeway/marker.json`. */
export interface RootMarker {
  readonly folder: string
  /** Tells this root from another that was bound to the same folder. */
  readonly nonce: string
  readonly version: number
}

export const STAGING_DIRECTORY = `${MARKER_DIRECTORY}/staging`
const MARKER_VERSION = 1

/**
 * Makes a directory the root of a folder and returns the nonce of its marker,
 * which the caller keeps. The directory is made if it is absent; one that is
 * bound to this folder already keeps its nonce. Refuses with `root-foreign`
 * another folder's root and a directory inside a bound root, with `io-error`
 * what is no directory.
 */
export function bindRoot(root: string, folder: FolderId): string {
  const path = resolve(root)
  const what = `cannot bind ${path} to the folder ${folder}`
  makeRoot(path, what)
  const real = attempt(what, () => realpathSync(path))
  refuseNested(real, what)
  makePrivateDirectory(join(real, MARKER_DIRECTORY), what)
  makePrivateDirectory(join(real, STAGING_DIRECTORY), what)
  const found = readMarker(real)
  if (found !== undefined) {
    if (found.folder !== folder) {
      throw new SyncError('root-foreign', `${what}: it already belongs to the folder ${found.folder}`)
    }
    return found.nonce
  }
  const nonce = randomUUID()
  attempt(what, () => writeMarker(real, { folder, nonce, version: MARKER_VERSION }))
  return nonce
}

/** Whether a directory is the very root that was bound to a folder under this nonce. Never throws. */
export function isRootOf(root: string, folder: FolderId, nonce: string): boolean {
  try {
    const marker = readMarker(realpathSync(root))
    return marker?.folder === folder && marker.nonce === nonce
  } catch {
    return false
  }
}

/** The folder whose root a directory is; undefined for none. Throws `root-foreign` on a marker that can't be read. */
export function boundFolder(root: string): string | undefined {
  return readMarker(root)?.folder
}

/**
 * Ends what `bindRoot` began: removes what was only staged or kept to send less. The folder's files stay, and so does
 * whatever a program might still have had open. The marker stays where the root may be taken up again. A directory
 * that is not there, or is another, is left alone.
 */
export function unbindRoot(root: string, { folder, nonce, keepMarker }: Unbinding): void {
  if (!isRootOf(root, folder, nonce)) return
  const own = join(realpathSync(root), MARKER_DIRECTORY)
  const what = `cannot clear ${own}`
  if (!attempt(what, () => lstatSync(own)).isDirectory()) return
  attempt(what, () => {
    for (const name of ['staging', 'bases']) rmSync(join(own, name), { recursive: true, force: true })
    if (!keepMarker) rmSync(join(own, 'marker.json'), { force: true })
  })
}

export interface Unbinding {
  readonly folder: FolderId
  readonly nonce: string
  readonly keepMarker: boolean
}

/** Where a root is and which directory that is now. Throws `root-missing` if there is none. */
export function identifyRoot(root: string): RootIdentity {
  const what = `cannot open the root ${root}`
  const path = ifPresent(what, () => realpathSync(root))
  const stats = path === undefined ? undefined : ifPresent(what, () => lstatSync(path, { bigint: true }))
  if (path === undefined || stats === undefined || !stats.isDirectory()) {
    throw new SyncError('root-missing', `${what}: there is no such directory`)
  }
  return { path, device: stats.dev, inode: stats.ino }
}

/**
 * Throws `root-missing` if the root has no marker, `root-foreign` if it has
 * another folder's or another nonce, or is not the directory it was when it
 * was identified. Returns the nonce. Without `nonce`, any will do.
 */
export function checkMarker(root: RootIdentity, folder: FolderId, nonce: string | undefined): string {
  const now = identifyRoot(root.path)
  const marker = readMarker(root.path)
  if (marker === undefined) {
    throw new SyncError('root-missing', `${root.path} has no marker: the disk may not be mounted, or it was emptied`)
  }
  if (marker.folder !== folder) {
    throw new SyncError('root-foreign', `${root.path} belongs to the folder ${marker.folder}, not to ${folder}`)
  }
  if (nonce !== undefined && marker.nonce !== nonce) {
    throw new SyncError('root-foreign', `${root.path} is another copy of ${folder} than the one that was bound here`)
  }
  if (now.path !== root.path || now.device !== root.device || now.inode !== root.inode) {
    throw new SyncError('root-foreign', `${root.path} is another directory than when it was opened`)
  }
  return marker.nonce
}

function readMarker(root: string): RootMarker | undefined {
  const path = join(root, MARKER_DIRECTORY, 'marker.json')
  const text = ifPresent(`cannot read ${path}`, () => readWithoutFollowing(path))
  if (text === undefined) return undefined
  const marker = parseMarker(text)
  if (marker === undefined) throw new SyncError('root-foreign', `${path} is not a marker that this version can read`)
  if (marker.version > MARKER_VERSION) {
    throw new SyncError('newer-format', `${path} was written by a newer version (format ${marker.version})`)
  }
  return marker
}

function parseMarker(text: string): RootMarker | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return undefined
    if (!('folder' in value) || !('nonce' in value) || !('version' in value)) return undefined
    const { folder, nonce, version } = value
    if (typeof folder !== 'string' || typeof nonce !== 'string' || typeof version !== 'number') return undefined
    return { folder, nonce, version }
  } catch {
    return undefined
  }
}

function readWithoutFollowing(path: string): string {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    return fstatSync(fd).size > 4096 ? '' : readFileSync(fd, 'utf8')
  } finally {
    closeSync(fd)
  }
}

function writeMarker(root: string, marker: RootMarker): void {
  const path = join(root, MARKER_DIRECTORY, 'marker.json')
  const draft = `${path}.${marker.nonce}`
  try {
    writeFileSync(draft, `${JSON.stringify(marker, undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true })
    // A link never overwrites: of two that bind at once, one fails.
    linkSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
  syncDirectory(join(root, MARKER_DIRECTORY))
  syncDirectory(root)
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function makeRoot(path: string, what: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (cause) {
    if (errnoOf(cause) === 'EEXIST' || isAbsence(cause)) {
      throw new SyncError('io-error', `${what}: there is something else than a directory on that path`, { cause })
    }
    throw diskError(what, cause)
  }
}

function makePrivateDirectory(path: string, what: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw diskError(what, cause)
    if (!lstatSync(path).isDirectory()) throw new SyncError('io-error', `${what}: ${path} is not a directory`)
  }
}

/** A root within a root would be synced as a part of both. */
function refuseNested(root: string, what: string): void {
  for (let outer = dirname(root), inner = root; outer !== inner; inner = outer, outer = dirname(outer)) {
    if (existsSync(join(outer, MARKER_DIRECTORY, 'marker.json'))) {
      throw new SyncError('root-foreign', `${what}: it lies inside ${outer}, which is a root itself`)
    }
  }
}
