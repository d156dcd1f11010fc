import { MARKER_DIRECTORY, splitPath } from '@causeway/replica'
import type { MemoryInode, MemoryTree } from './memory-tree.ts'
import { toBytes, type UserSide } from './user-side.ts'

/** A person at a memory tree. */
export function createMemoryUser(tree: MemoryTree): UserSide {
  function makeDirectories(path: string): MemoryInode {
    let directory = tree.root
    for (const name of path === '' ? [] : path.split('/')) {
      let next = directory.children.get(name)
      if (next === undefined) {
        next = tree.create('directory', 0o755)
        tree.attach(directory, name, next)
      }
      if (next.kind !== 'directory') throw new Error(`${path}: ${name} is no directory`)
      directory = next
    }
    return directory
  }

  function add(path: string, inode: MemoryInode): MemoryInode {
    const { parent, name } = splitPath(path)
    const directory = makeDirectories(parent)
    if (directory.children.has(name)) throw new Error(`${path} is there already`)
    tree.attach(directory, name, inode)
    return inode
  }

  function fileAt(path: string): MemoryInode {
    const found = tree.find(path) ?? add(path, tree.create('file', 0o644))
    if (found.kind !== 'file') throw new Error(`${path} is no file`)
    return found
  }

  function existing(path: string): MemoryInode {
    const found = tree.find(path)
    if (found === undefined) throw new Error(`there is nothing at ${path}`)
    return found
  }

  const append = (inode: MemoryInode, content: string | Uint8Array): void =>
    tree.setBytes(inode, Buffer.concat([inode.bytes, toBytes(content)]))

  return {
    write: (path, content) => tree.setBytes(fileAt(path), toBytes(content)),
    append: (path, content) => append(fileAt(path), content),
    rename(from, to) {
      const inode = existing(from)
      const source = splitPath(from)
      const target = splitPath(to)
      if (to.startsWith(`${from}/`)) throw new Error(`cannot move ${from} into itself`)
      const directory = makeDirectories(target.parent)
      const replaced = directory.children.get(target.name)
      if (replaced === inode) return
      if (replaced?.kind === 'directory' && (inode.kind !== 'directory' || replaced.children.size > 0)) {
        throw new Error(`${to} is a directory`)
      }
      if (replaced !== undefined && replaced.kind !== 'directory' && inode.kind === 'directory') {
        throw new Error(`${to} is no directory`)
      }
      tree.detach(makeDirectories(source.parent), source.name)
      tree.attach(directory, target.name, inode)
    },
    remove(path) {
      const { parent, name } = splitPath(path)
      const directory = tree.directory(parent)
      if (directory?.children.has(name) === true) tree.detach(directory, name)
    },
    mkdir: (path) => void makeDirectories(path),
    symlink(path, target) {
      add(path, tree.create('symlink', 0o777)).target = target
    },
    makeFifo: (path) => void add(path, tree.create('other', 0o644)),
    chmod: (path, mode) => tree.setMetadata(existing(path), { mode }),
    setMtime: (path, mtimeNs) => tree.setMetadata(existing(path), { mtimeNs }),
    read: (path) => {
      const inode = tree.find(path)
      return inode?.kind === 'file' ? inode.bytes.slice() : undefined
    },
    linkTarget: (path) => {
      const inode = tree.find(path)
      return inode?.kind === 'symlink' ? inode.target : undefined
    },
    names: (path) =>
      [...(tree.directory(path)?.children.keys() ?? [])]
        .filter((name) => path !== '' || name !== MARKER_DIRECTORY)
        .sort(),
    openForWriting(path) {
      const inode = fileAt(path)
      inode.writers += 1
      let isOpen = true
      return {
        append: (content) => append(inode, content),
        close: () => {
          if (isOpen) inode.writers -= 1
          isOpen = false
        },
      }
    },
  }
}
