import type { Stat } from '@causeway/replica'

/** A file, directory, symlink or something else, whatever names it has. */
export interface MemoryInode {
  readonly kind: Stat['kind']
  readonly number: bigint
  readonly birthtimeNs: bigint
  mode: number
  mtimeNs: bigint
  ctimeNs: bigint
  bytes: Uint8Array
  target: string
  readonly children: Map<string, MemoryInode>
  /** Handles open for writing. */
  writers: number
}

export interface MemoryTreeOptions {
  /** The clock, in nanoseconds since 1970. The tree asks for the time only when something changes. */
  readonly now: () => bigint
  /** What timestamps are rounded down to, as by FAT (2 s) or the kernel's tick. Default 1 ns. */
  readonly grainNs?: bigint
}

/** Inodes and names. Inode numbers count up from 2 and are never used again. */
export interface MemoryTree {
  readonly root: MemoryInode
  create(kind: Stat['kind'], mode: number): MemoryInode
  /** What is at a path, no symlink being followed in any component. */
  find(path: string): MemoryInode | undefined
  /** The directory at a path. */
  directory(path: string): MemoryInode | undefined
  /** Gives an inode a name in a directory, in the place of what may have had it. */
  attach(directory: MemoryInode, name: string, inode: MemoryInode): void
  detach(directory: MemoryInode, name: string): void
  setBytes(inode: MemoryInode, bytes: Uint8Array): void
  setMetadata(inode: MemoryInode, metadata: { mode?: number; mtimeNs?: bigint }): void
  statOf(inode: MemoryInode): Stat
}

const DEVICE = 1n
const NO_BYTES = new Uint8Array()

export function createMemoryTree({ now, grainNs = 1n }: MemoryTreeOptions): MemoryTree {
  let lastNumber = 1n
  const rounded = (ns: bigint): bigint => ns - (((ns % grainNs) + grainNs) % grainNs)
  const clock = (): bigint => rounded(now())

  function create(kind: Stat['kind'], mode: number): MemoryInode {
    lastNumber += 1n
    const atNs = clock()
    return {
      kind,
      number: lastNumber,
      birthtimeNs: atNs,
      mode: mode & 0o777,
      mtimeNs: atNs,
      ctimeNs: atNs,
      bytes: NO_BYTES,
      target: '',
      children: new Map(),
      writers: 0,
    }
  }

  const root = create('directory', 0o755)

  function find(path: string): MemoryInode | undefined {
    let inode: MemoryInode | undefined = root
    for (const name of path === '' ? [] : path.split('/')) {
      if (inode?.kind !== 'directory') return undefined
      inode = inode.children.get(name)
    }
    return inode
  }

  function touch(directory: MemoryInode): void {
    directory.mtimeNs = clock()
    directory.ctimeNs = directory.mtimeNs
  }

  return {
    root,
    create,
    find,
    directory: (path) => {
      const inode = find(path)
      return inode?.kind === 'directory' ? inode : undefined
    },
    attach(directory, name, inode) {
      directory.children.set(name, inode)
      inode.ctimeNs = clock()
      touch(directory)
    },
    detach(directory, name) {
      directory.children.delete(name)
      touch(directory)
    },
    setBytes(inode, bytes) {
      inode.bytes = bytes.slice()
      inode.mtimeNs = clock()
      inode.ctimeNs = inode.mtimeNs
    },
    setMetadata(inode, { mode, mtimeNs }) {
      if (mode !== undefined) inode.mode = mode & 0o777
      if (mtimeNs !== undefined) inode.mtimeNs = rounded(mtimeNs)
      inode.ctimeNs = clock()
    },
    statOf: (inode) => ({
      kind: inode.kind,
      size: inode.kind === 'symlink' ? Buffer.byteLength(inode.target) : inode.bytes.length,
      mode: inode.kind === 'symlink' ? 0o777 : inode.mode,
      mtimeNs: inode.mtimeNs,
      ctimeNs: inode.ctimeNs,
      inode: inode.number,
      birthtimeNs: inode.birthtimeNs,
      device: DEVICE,
    }),
  }
}
