import { directoryOf } from '@causeway/engine'
import { isSyncError, type FolderId } from '@causeway/protocol'
import type { BaseStore } from '../base-store.ts'
import type { Files, RelativePath } from '../files.ts'
import { openDiskBaseStore } from './disk-base-store.ts'
import { createBreather, stagingSpot, type DiskContext } from './disk-context.ts'
import { openDirectories, type Directories, type RootIdentity } from './directories.ts'
import { statAt } from './disk-stat.ts'
import { openDisplaced } from './displaced.ts'
import { listLeftovers } from './leftovers.ts'
import { restoreModes, withWritable } from './lifted-modes.ts'
import { listDirectory } from './list-directory.ts'
import { makeDirectory, makeSymlink, setMetadata } from './metadata.ts'
import { moveEntry } from './moving.ts'
import { loadNativeCalls, NO_NATIVE_CALLS } from './native.ts'
import { createOpenWriters, hasWriter } from './open-writer.ts'
import { placeNew, replaceFile } from './placing.ts'
import { openFile, readLink, readWhole } from './reading.ts'
import { checkPath, splitPath } from './relative-path.ts'
import { removeDirectory, removeFile } from './removing.ts'
import { checkMarker, identifyRoot } from './root-marker.ts'
import { openStaging } from './staging.ts'
import { syncDirectories } from './sync-directories.ts'

export interface DiskFilesOptions {
  /** The root. It must have been bound to the folder with `bindRoot`. */
  readonly root: string
  readonly folder: FolderId
  /** What `bindRoot` returned. Without it any marker of the folder will do. */
  readonly markerNonce?: string
  /** What people call this node, for the names of conflict copies. */
  readonly nodeName?: string
  /** False to do without the calls that `node:fs` lacks (for tests of the fallbacks). */
  readonly useNativeCalls?: boolean
  /** The share of the disk that former contents leave free, 0 to 1; a twentieth if left out. */
  readonly basesLeaveFree?: number
  /** Another way to reach directories than the system's strongest (for tests of the fallback). */
  readonly openDirectories?: (root: RootIdentity) => Directories
}

/** A `Files` that holds handles between calls. */
export interface DiskFiles extends Files {
  /** Former contents of its files, beside the tree. */
  readonly bases: BaseStore
  /** Lets go of every handle, so that the disk can be unmounted. Calls may go on: they open handles anew. */
  release(): void
}

/**
 * Opens a bound root on a disk. Throws `root-missing` or `root-foreign` as
 * `checkRoot` does. After a disk was unmounted and mounted again the root must
 * be opened anew: it is then another directory to the system.
 *
 * On Linux no call follows a symlink in any component of a path, not even one
 * that is swapped in during the call. Elsewhere each component is looked at
 * before it is used.
 */
export async function openDiskFiles(options: DiskFilesOptions): Promise<DiskFiles> {
  const root = identifyRoot(options.root)
  const nonce = checkMarker(root, options.folder, options.markerNonce)
  const directories = (options.openDirectories ?? openDirectories)(root)
  const native = options.useNativeCalls === false ? NO_NATIVE_CALLS : await loadNativeCalls()
  const writers = createOpenWriters(native, root.path)
  const context: DiskContext = { root, directories, native, writers, breathe: createBreather() }
  const staging = openStaging(context)
  const displaced = openDisplaced(context, { nodeName: options.nodeName ?? 'node' })
  const areas = { staging, displaced }
  stagingSpot(context)
  await restoreModes(context)

  /** Waits for the event loop's turn if one is due, then runs `work` in one go. */
  async function inTurn<T>(work: () => T): Promise<T> {
    const turn = context.breathe()
    if (turn !== undefined) await turn
    return work()
  }

  /** The same for what changes these directories: they are made writable for it if they must be. */
  function changing<T>(directories: readonly RelativePath[], work: () => T): Promise<T> {
    return inTurn(() => withWritable(context, directories, work))
  }

  /** The same for what needs room on the disk: where there is none, files that wait to be removed go at once. */
  function filling<T>(work: () => T): Promise<T> {
    return inTurn(() => {
      try {
        return work()
      } catch (error) {
        if (!isSyncError(error, 'disk-full') || !displaced.makeRoom()) throw error
        return work()
      }
    })
  }

  return {
    checkRoot: () =>
      inTurn(() => {
        directories.release()
        checkMarker(root, options.folder, nonce)
      }),
    list: (path) => listDirectory(context, path),
    stat: (path) => inTurn(() => statOf(context, path)),
    open: (path) => inTurn(() => openFile(context, path)),
    readWhole: (path, expected) => inTurn(() => readWhole(context, path, expected)),
    readLink: (path) => inTurn(() => readLink(context, path)),
    hasWriter: (path) => inTurn(() => hasWriter(context, path)),
    stage: (sizeBytes) => filling(() => staging.stage(sizeBytes)),
    stageWhole: (bytes, metadata) => filling(() => staging.stageWhole(bytes, metadata)),
    syncStaged: (files) => staging.sync(files),
    placeNew: (file, path) => changing([directoryOf(path)], () => placeNew(context, areas, file, path)),
    replace: (file, path, expected) =>
      changing([directoryOf(path)], () => replaceFile(context, areas, { file, path, expected })),
    discardStaged: (files) => inTurn(() => staging.discard(files)),
    makeDirectory: (path, mode) => changing([directoryOf(path)], () => makeDirectory(context, path, mode)),
    makeSymlink: (path, target) => changing([directoryOf(path)], () => makeSymlink(context, path, target)),
    move: (from, to, expected) =>
      // A directory that gets another parent is itself written to.
      changing([directoryOf(from), directoryOf(to), ...(expected.kind === 'directory' ? [from] : [])], () =>
        moveEntry(context, from, to, expected),
      ),
    setMetadata: (path, metadata, expected) => inTurn(() => setMetadata(context, path, metadata, expected)),
    removeFile: (path, expected) => changing([directoryOf(path)], () => removeFile(context, displaced, path, expected)),
    returnLateSaves: () => displaced.returnLateSaves(),
    removeDirectory: (path) => changing([directoryOf(path)], () => removeDirectory(context, path)),
    syncDirectories: (paths) => syncDirectories(context, paths),
    leftovers: () => inTurn(() => listLeftovers(context, staging)),
    clearStaging: (kept = []) => inTurn(() => staging.clear(new Set(kept.map(({ id }) => id)))),
    bases: openDiskBaseStore(context, options.basesLeaveFree),
    release() {
      displaced.stop()
      directories.release()
    },
  }
}

function statOf(context: DiskContext, path: RelativePath): ReturnType<typeof statAt> {
  checkPath(path)
  if (path === '') {
    const spot = context.directories.at('')
    return spot === undefined ? undefined : statAt(spot, '.')
  }
  const { parent, name } = splitPath(path)
  const spot = context.directories.at(parent)
  return spot === undefined ? undefined : statAt(spot, name)
}
