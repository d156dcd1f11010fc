import { directoryOf } from '@causeway/engine'
import { SyncError } from '@causeway/protocol'
import {
  ASIDE_DIRECTORY,
  MARKER_DIRECTORY,
  checkPath,
  isSame,
  splitPath,
  type Files,
  type Leftover,
  type ListedEntry,
  type ListedProblem,
  type OpenFile,
  type PlaceResult,
  type StagedFile,
  type Stat,
} from '@causeway/replica'
import { createMemoryDisplaced } from './memory-displaced.ts'
import { createMemoryTree, type MemoryInode, type MemoryTreeOptions } from './memory-tree.ts'
import { createMemoryUser } from './memory-user.ts'
import type { UserSide } from './user-side.ts'

/** One call of the port, before it does anything. */
export interface FilesCall {
  readonly method: keyof Files | 'write' | 'finish' | 'read' | 'isUnchanged'
  /** The path it is about; the staged file's id for those that have no path. */
  readonly path: string
}

export interface MemoryFilesOptions extends MemoryTreeOptions {
  /** False where the system can't say that nobody writes a file. */
  readonly knowsWriters?: () => boolean
  /** Called before every call of the port: may throw, wait, or change the tree through `user`. */
  readonly beforeCall?: (call: FilesCall) => void | Promise<void>
  /** How many bytes the disk holds, staged ones included. Unbounded by default. */
  readonly capacityBytes?: () => number
}

export interface MemoryFiles {
  readonly files: Files
  readonly user: UserSide
  /** Takes the root away, or puts another folder's in its place, or brings it back: what `checkRoot` then says. */
  setRoot(state: 'present' | 'missing' | 'foreign'): void
  /** How many files this run has in the staging area. */
  stagedCount(): number
  /** The process ends and another begins on the same tree: what was staged is left over. */
  restart(): void
}

interface Staged {
  readonly inode: MemoryInode
  isFinished: boolean
  isSynced: boolean
}

/**
 * An in-memory `Files`. Held by `filesConformance` like the one on disk.
 * Nothing in it is real time or chance: the same calls with the same clock
 * give the same tree, inode numbers and stats.
 */
export function createMemoryFiles(options: MemoryFilesOptions): MemoryFiles {
  const tree = createMemoryTree(options)
  const staged = new Map<string, Staged>()
  const leftovers = new Map<string, MemoryInode>()
  const displaced = createMemoryDisplaced(tree)
  let rootState: 'present' | 'missing' | 'foreign' = 'present'
  let lastStaged = 0

  async function before(method: FilesCall['method'], path: string): Promise<void> {
    await options.beforeCall?.({ method, path })
  }

  function parentOf(path: string): { directory: MemoryInode | undefined; name: string } {
    const { parent, name } = splitPath(path)
    if (rootState === 'missing') throw new SyncError('root-missing', 'the root is gone')
    return { directory: tree.directory(parent), name }
  }

  function refuseWithoutSpace(sizeBytes: number): void {
    const capacityBytes = options.capacityBytes?.() ?? Infinity
    if (capacityBytes === Infinity) return
    const usedBytes =
      sizeBelow(tree.root) +
      [...[...staged.values()].map(({ inode }) => inode), ...leftovers.values()].reduce(
        (sum, inode) => sum + inode.bytes.length,
        0,
      )
    if (usedBytes + sizeBytes > capacityBytes) {
      throw new SyncError('disk-full', `cannot stage ${sizeBytes} bytes: ${usedBytes} of ${capacityBytes} are used`)
    }
  }

  function makeAside(): void {
    let at = tree.root
    for (const name of ASIDE_DIRECTORY.split('/')) {
      const next = at.children.get(name) ?? tree.create('directory', 0o700)
      if (!at.children.has(name)) tree.attach(at, name, next)
      at = next
    }
  }

  function ready(file: StagedFile): MemoryInode {
    const record = staged.get(file.id)
    if (record === undefined) throw new SyncError('internal', `there is no staged file ${file.id}`)
    if (!record.isSynced) throw new SyncError('internal', `the staged file ${file.id} was not synced before placing it`)
    return record.inode
  }

  function place(inode: MemoryInode, path: string): PlaceResult {
    const { directory, name } = parentOf(path)
    if (directory === undefined) return parentGone(path)
    if (directory.children.has(name)) return { kind: 'changed', detail: `something is already at ${path}` }
    tree.attach(directory, name, inode)
    return { kind: 'placed', stat: tree.statOf(inode) }
  }

  function found(path: string): { directory: MemoryInode; name: string; inode: MemoryInode } | undefined {
    const { directory, name } = parentOf(path)
    const inode = directory?.children.get(name)
    return directory === undefined || inode === undefined ? undefined : { directory, name, inode }
  }

  function isInUse(inode: MemoryInode): boolean {
    return inode.writers > 0 && options.knowsWriters?.() !== false
  }

  function isAs(inode: MemoryInode, expected: Stat): boolean {
    return isSame(tree.statOf(inode), expected)
  }

  function openInode(inode: MemoryInode, path: string, isThere: () => boolean): OpenFile {
    const stat = tree.statOf(inode)
    return {
      stat,
      async read(offset, length) {
        await before('read', path)
        return inode.bytes.slice(offset, offset + length)
      },
      async readInto(buffer, offset) {
        await before('read', path)
        const bytes = inode.bytes.subarray(offset, offset + buffer.length)
        buffer.set(bytes)
        return bytes.length
      },
      dataFrom: (offset) => offset,
      async isUnchanged() {
        await before('isUnchanged', path)
        return isAs(inode, stat) && isThere()
      },
      async close() {},
    }
  }

  function leftoverOf(id: string, inode: MemoryInode): Leftover {
    return {
      id,
      sizeBytes: inode.bytes.length,
      changedAtMs: Number(tree.statOf(inode).ctimeNs / 1_000_000n),
      open: async () => (leftovers.has(id) ? openInode(inode, id, () => leftovers.has(id)) : undefined),
      discard: async () => void leftovers.delete(id),
    }
  }

  const files: Files = {
    async checkRoot() {
      await before('checkRoot', '')
      if (rootState === 'missing') throw new SyncError('root-missing', 'the root has no marker')
      if (rootState === 'foreign') throw new SyncError('root-foreign', "the root carries another folder's marker")
    },
    async list(path) {
      await before('list', path)
      checkPath(path)
      if (rootState === 'missing') throw new SyncError('root-missing', 'the root is gone')
      const directory = tree.directory(path)
      if (directory === undefined) return undefined
      const entries: ListedEntry[] = []
      const problems: ListedProblem[] = []
      for (const [name, inode] of directory.children) {
        if (path === '' && name === MARKER_DIRECTORY) continue
        if (!name.isWellFormed()) problems.push({ name, reason: 'not-unicode' })
        else if (inode.kind === 'other') problems.push({ name, reason: 'unsupported-kind' })
        else if (!isReadable(inode)) problems.push({ name, reason: 'unreadable' })
        else entries.push({ name, stat: tree.statOf(inode) })
      }
      return { entries, problems }
    },
    async stat(path) {
      await before('stat', path)
      checkPath(path)
      const inode = tree.find(path)
      return inode === undefined ? undefined : tree.statOf(inode)
    },
    async open(path) {
      await before('open', path)
      const inode = found(path)?.inode
      if (inode?.kind !== 'file') return undefined
      if (!isReadable(inode)) throw new SyncError('io-error', `cannot open ${path}: permission denied (EACCES)`)
      return openInode(inode, path, () => tree.find(path) === inode)
    },
    async readWhole(path, expected) {
      await before('open', path)
      const inode = found(path)?.inode
      if (inode?.kind !== 'file' || !isAs(inode, expected)) return undefined
      await before('read', path)
      const bytes = inode.bytes.slice()
      await before('isUnchanged', path)
      return isAs(inode, expected) ? bytes : 'changing'
    },
    async readLink(path) {
      await before('readLink', path)
      const inode = found(path)?.inode
      return inode?.kind === 'symlink' ? inode.target : undefined
    },
    async hasWriter(path) {
      await before('hasWriter', path)
      return (found(path)?.inode.writers ?? 0) > 0 || (options.knowsWriters?.() === false ? undefined : false)
    },

    async stage(sizeBytes) {
      await before('stage', '')
      refuseWithoutSpace(sizeBytes)
      lastStaged += 1
      const id = `staged-${lastStaged}`
      const record: Staged = { inode: tree.create('file', 0o600), isFinished: false, isSynced: false }
      staged.set(id, record)
      const refuseIfClosed = (): void => {
        if (record.isFinished || staged.get(id) !== record)
          throw new SyncError('internal', `the staged file ${id} is closed`)
      }
      const append = async (bytes: Uint8Array): Promise<void> => {
        await before('write', id)
        refuseIfClosed()
        refuseWithoutSpace(bytes.length)
        tree.setBytes(record.inode, Buffer.concat([record.inode.bytes, bytes]))
      }
      return {
        write: append,
        skip: (sizeBytes) => append(new Uint8Array(sizeBytes)),
        async read(offset, length) {
          const isOpen = staged.has(id) && !record.isFinished
          return isOpen ? record.inode.bytes.slice(offset, offset + length) : new Uint8Array()
        },
        async finish(metadata) {
          await before('finish', id)
          refuseIfClosed()
          tree.setMetadata(record.inode, metadata)
          record.isFinished = true
          return { id, size: record.inode.bytes.length }
        },
        async discard() {
          staged.delete(id)
        },
      }
    },
    async stageWhole(bytes, metadata) {
      await before('stage', '')
      refuseWithoutSpace(bytes.length)
      lastStaged += 1
      const id = `staged-${lastStaged}`
      const inode = tree.create('file', 0o600)
      await before('write', id)
      tree.setBytes(inode, Buffer.from(bytes))
      await before('finish', id)
      tree.setMetadata(inode, metadata)
      staged.set(id, { inode, isFinished: true, isSynced: false })
      return { id, size: bytes.length }
    },
    async syncStaged(given) {
      await before('syncStaged', '')
      for (const file of given) {
        const record = staged.get(file.id)
        if (record === undefined) throw new SyncError('internal', `there is no staged file ${file.id}`)
        record.isSynced = record.isFinished
      }
    },
    async placeNew(file, path) {
      await before('placeNew', path)
      const result = place(ready(file), path)
      if (result.kind === 'placed') staged.delete(file.id)
      return result
    },
    async replace(file, path, expected) {
      await before('replace', path)
      const inode = ready(file)
      const there = found(path)
      if (there === undefined || !isAs(there.inode, expected) || expected.kind === 'directory') return changed(path)
      if (isInUse(there.inode)) return inUse(path)
      displaced.take(there)
      tree.attach(there.directory, there.name, inode)
      staged.delete(file.id)
      return { kind: 'placed', stat: tree.statOf(inode) }
    },
    async discardStaged(given) {
      await before('discardStaged', '')
      for (const file of given) staged.delete(file.id)
    },
    async makeDirectory(path, mode) {
      await before('makeDirectory', path)
      return place(tree.create('directory', mode), path)
    },
    async makeSymlink(path, target) {
      await before('makeSymlink', path)
      const inode = tree.create('symlink', 0o777)
      inode.target = target
      return place(inode, path)
    },
    async move(from, to, expected) {
      await before('move', from)
      const source = found(from)
      if (source === undefined || !isAs(source.inode, expected)) return changed(from)
      if (directoryOf(to) === ASIDE_DIRECTORY) makeAside()
      const { directory, name } = parentOf(to)
      if (directory === undefined) return parentGone(to)
      if (to.startsWith(`${from}/`))
        throw new SyncError('io-error', `cannot move ${from} to ${to}: it lies inside itself`)
      if (directory.children.has(name)) return { kind: 'changed', detail: `something is already at ${to}` }
      tree.detach(source.directory, source.name)
      tree.attach(directory, name, source.inode)
      return { kind: 'placed', stat: tree.statOf(source.inode) }
    },
    async setMetadata(path, metadata, expected) {
      await before('setMetadata', path)
      const there = found(path)
      if (there === undefined || !isAs(there.inode, expected)) return changed(path)
      tree.setMetadata(there.inode, metadata)
      return { kind: 'placed', stat: tree.statOf(there.inode) }
    },
    async removeFile(path, expected) {
      await before('removeFile', path)
      const there = found(path)
      if (there === undefined) return { kind: 'gone' }
      if (there.inode.kind === 'directory' || !isAs(there.inode, expected)) return changed(path)
      if (isInUse(there.inode)) return inUse(path)
      displaced.take(there)
      tree.detach(there.directory, there.name)
      return { kind: 'removed' }
    },
    async returnLateSaves() {
      await before('returnLateSaves', '')
      return displaced.returnLateSaves()
    },
    async removeDirectory(path) {
      await before('removeDirectory', path)
      const there = found(path)
      if (there?.inode.kind !== 'directory') return { kind: 'gone' }
      if (there.inode.children.size > 0) return { kind: 'not-empty' }
      tree.detach(there.directory, there.name)
      return { kind: 'removed' }
    },
    async syncDirectories(paths) {
      await before('syncDirectories', paths[0] ?? '')
      for (const path of paths) checkPath(path)
    },
    async leftovers() {
      await before('leftovers', '')
      return [...leftovers].map(([id, inode]) => leftoverOf(id, inode))
    },
    async clearStaging(kept = []) {
      await before('clearStaging', '')
      const keeps = new Set(kept.map(({ id }) => id))
      for (const id of leftovers.keys()) if (!keeps.has(id)) leftovers.delete(id)
    },
  }

  return {
    files,
    user: createMemoryUser(tree),
    setRoot: (state) => {
      rootState = state
    },
    stagedCount: () => staged.size,
    restart() {
      for (const [id, { inode }] of staged) leftovers.set(id, inode)
      staged.clear()
    },
  }
}

function sizeBelow(inode: MemoryInode): number {
  return [...inode.children.values()].reduce((sum, child) => sum + sizeBelow(child), inode.bytes.length)
}

/** As for a person who owns the file and is not root. */
function isReadable(inode: MemoryInode): boolean {
  if (inode.kind === 'directory') return (inode.mode & 0o500) === 0o500
  return inode.kind !== 'file' || (inode.mode & 0o400) !== 0
}

function inUse(path: string): { kind: 'in-use'; detail: string } {
  return { kind: 'in-use', detail: `${path} is open for writing by another program` }
}

function parentGone(path: string): { kind: 'changed'; detail: string } {
  return { kind: 'changed', detail: `the directory of ${path} is gone` }
}

function changed(path: string): { kind: 'changed'; detail: string } {
  return { kind: 'changed', detail: `${path} is not as it was when it was scanned` }
}
