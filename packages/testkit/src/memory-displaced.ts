import { conflictName } from '@causeway/engine'
import type { Stat } from '@causeway/replica'
import type { MemoryInode, MemoryTree } from './memory-tree.ts'

/** Where an inode has its name. */
export interface MemoryPlace {
  readonly directory: MemoryInode
  readonly name: string
  readonly inode: MemoryInode
}

/** Files that were taken out of a tree, for as long as somebody may write to them. They outlast a restart. */
export interface MemoryDisplaced {
  take(place: MemoryPlace): void
  /** See `Files.returnLateSaves`. */
  returnLateSaves(): readonly string[]
}

export function createMemoryDisplaced(tree: MemoryTree): MemoryDisplaced {
  let kept: { readonly place: MemoryPlace; readonly was: Stat }[] = []

  function bringBack({ directory, name, inode }: MemoryPlace): string {
    const parent = pathOf(tree.root, directory) ?? ''
    const to = tree.directory(parent) ?? tree.root
    const at = new Date(Number(inode.mtimeNs / 1_000_000n)).toISOString()
    const isTaken = (taken: string): boolean => to.children.has(taken)
    const free = isTaken(name) ? conflictName({ name, nodeName: 'node', at, isTaken }) : name
    tree.attach(to, free, inode)
    return parent === '' ? free : `${parent}/${free}`
  }

  return {
    take(place) {
      if (place.inode.kind === 'file') kept.push({ place, was: tree.statOf(place.inode) })
    },
    returnLateSaves() {
      const done = kept.filter(({ place }) => place.inode.writers === 0)
      kept = kept.filter(({ place }) => place.inode.writers > 0)
      return done.flatMap(({ place, was }) => (isWritten(place.inode, was) ? [bringBack(place)] : []))
    },
  }
}

function isWritten(inode: MemoryInode, was: Stat): boolean {
  return inode.mtimeNs !== was.mtimeNs || inode.bytes.length !== was.size
}

function pathOf(from: MemoryInode, wanted: MemoryInode, path = ''): string | undefined {
  if (from === wanted) return path
  for (const [name, child] of from.children) {
    const found = pathOf(child, wanted, path === '' ? name : `${path}/${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
