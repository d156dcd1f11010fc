import type { EntryId } from '@causeway/protocol'
import { isSame, type BaseEntry, type BaseView, type Stat } from '../tree.ts'
import type { LocalChange, LocalTree } from './local-change.ts'
import { baseDirectoryAt, joinPath } from './paths.ts'

/**
 * Tells how the disk differs from the base, in the directories that were scanned.
 *
 * A name that both hold is the same entry, whatever its inode (editors save by
 * renaming over). What vanished from one place and appeared in another under
 * the same inode and birth time was moved. Everything else appeared or
 * vanished. Ignored paths are neither.
 */
export function diff(
  base: BaseView,
  local: LocalTree,
  isIgnored: (path: string, kind: Stat['kind']) => boolean,
): readonly LocalChange[] {
  const comparison = new Comparison(base, local, isIgnored)
  comparison.compareKnownDirectories()
  comparison.matchMovedDirectories()
  comparison.matchMovedFiles()
  return comparison.changes()
}

interface Appeared {
  readonly parent: EntryId | undefined
  readonly name: string
  readonly path: string
  readonly stat: Stat
}

class Comparison {
  readonly #base: BaseView
  readonly #local: LocalTree
  readonly #isIgnored: (path: string, kind: Stat['kind']) => boolean
  readonly #compared = new Set<string>()
  readonly #vanished = new Map<EntryId, { base: BaseEntry; path: string }>()
  readonly #moved = new Set<EntryId>()
  readonly #changes: LocalChange[] = []
  readonly #appeared = new Map<string, Appeared>()
  readonly #unopened = new Map<string, Appeared>()

  constructor(base: BaseView, local: LocalTree, isIgnored: (path: string, kind: Stat['kind']) => boolean) {
    this.#base = base
    this.#local = local
    this.#isIgnored = isIgnored
  }

  compareKnownDirectories(): void {
    const paths = [...this.#local.keys()].sort((a, b) => depthOf(a) - depthOf(b))
    for (const path of paths) {
      const id = baseDirectoryAt(this.#base, path)
      if (id !== undefined) this.#compare(path, id)
    }
  }

  /**
   * Matching one directory brings its children into view, and may show where
   * others went: repeat until nothing new is found, then take what is left as new.
   */
  matchMovedDirectories(): void {
    for (let again = true; again;) {
      again = this.#matchOnce() || this.#openNewDirectories()
    }
  }

  matchMovedFiles(): void {
    for (const item of this.#appeared.values()) {
      if (item.stat.kind === 'directory') continue
      const match = this.#movedFrom(item)
      if (match !== undefined) this.#move(item, match)
    }
  }

  changes(): readonly LocalChange[] {
    const creates = [...this.#appeared.values()].map((item): LocalChange => ({ kind: 'create', ...item }))
    const deletes = [...this.#vanished.values()].map((gone): LocalChange => ({ kind: 'delete', ...gone }))
    return [...this.#changes, ...creates, ...deletes]
  }

  #compare(path: string, id: EntryId): void {
    const found = this.#local.get(path)
    if (found === undefined || this.#compared.has(path)) return
    this.#compared.add(path)
    const names = new Set<string>()
    for (const { name, stat } of found) {
      names.add(name)
      this.#compareEntry({ parent: id, name, path: joinPath(path, name), stat })
    }
    for (const child of this.#base.baseChildren(id)) {
      const childPath = joinPath(path, child.name)
      if (!names.has(child.name) && !this.#isIgnored(childPath, child.content.kind)) this.#vanish(child, childPath)
    }
  }

  #compareEntry(item: Appeared & { parent: EntryId }): void {
    const known = this.#base.baseAt(item.parent, item.name)
    if (known === undefined) {
      this.#appear(item)
    } else if (known.content.kind !== item.stat.kind) {
      // A pattern may be about directories alone: what it names was not looked at, so it did not go either.
      if (!this.#isIgnored(item.path, known.content.kind)) this.#vanish(known, item.path)
      this.#appear(item)
    } else if (mayDiffer(known, item.stat)) {
      this.#changes.push({ kind: 'edit', base: known, path: item.path, stat: item.stat })
    }
  }

  #vanish(base: BaseEntry, path: string): void {
    // It was found elsewhere before the directory it lay in was looked at.
    if (this.#moved.has(base.id)) return
    this.#vanished.set(base.id, { base, path })
  }

  #movedFrom(item: Appeared): BaseEntry | undefined {
    const { device, inode, birthtimeNs } = item.stat
    return this.#base
      .baseByInode(device, inode, birthtimeNs)
      .find(
        (candidate) =>
          !this.#moved.has(candidate.id) &&
          isLikelyMoved(candidate, item.stat) &&
          this.#isGone(candidate) &&
          !this.#liesBelowItsOldName(candidate, item),
      )
  }

  /** A file that gave its name to the directory it now lies in: move and create would wait for each other. */
  #liesBelowItsOldName(candidate: BaseEntry, item: Appeared): boolean {
    const from = this.#vanished.get(candidate.id)?.path
    return from !== undefined && item.path.startsWith(`${from}/`)
  }

  /** True if the entry, or a directory above it, is no longer where the base has it. */
  #isGone(entry: BaseEntry): boolean {
    let at: BaseEntry | undefined = entry
    while (at !== undefined) {
      if (this.#vanished.has(at.id)) return true
      at = this.#base.base(at.parent)
    }
    return false
  }

  #move(item: Appeared, base: BaseEntry): void {
    this.#vanished.delete(base.id)
    this.#moved.add(base.id)
    this.#appeared.delete(item.path)
    this.#unopened.delete(item.path)
    this.#changes.push({ kind: 'move', base, ...item })
    if (item.stat.kind === 'directory') this.#compareMoved(item.path, base.id)
    if (mayDiffer(base, item.stat, 'moved'))
      this.#changes.push({ kind: 'edit', base, path: item.path, stat: item.stat })
  }

  #compareMoved(path: string, id: EntryId): void {
    this.#compare(path, id)
    for (const { name, stat } of this.#local.get(path) ?? []) {
      const child = stat.kind === 'directory' ? this.#base.baseAt(id, name) : undefined
      if (child?.content.kind === 'directory') this.#compareMoved(joinPath(path, name), child.id)
    }
  }

  #appear(item: Appeared): void {
    this.#appeared.set(item.path, item)
    if (item.stat.kind === 'directory') this.#unopened.set(item.path, item)
  }

  #matchOnce(): boolean {
    let matched = false
    for (const item of this.#unopened.values()) {
      const match = this.#movedFrom(item)
      if (match === undefined) continue
      this.#move(item, match)
      matched = true
    }
    return matched
  }

  /** Directories that came from nowhere: all they hold appeared with them. */
  #openNewDirectories(): boolean {
    const opened = [...this.#unopened.values()]
    this.#unopened.clear()
    for (const item of opened) {
      for (const { name, stat } of this.#local.get(item.path) ?? []) {
        this.#appear({ parent: undefined, name, path: joinPath(item.path, name), stat })
      }
    }
    return opened.length > 0
  }
}

/**
 * True if the entry may have changed and must be read. A directory differs in
 * its mode, or in being another one than before. A rename touches ctime, so that does not count for what moved.
 */
export function mayDiffer(base: BaseEntry, stat: Stat, how: 'in-place' | 'moved' = 'in-place'): boolean {
  if (base.content.kind === 'directory') return base.content.mode !== stat.mode || !isSame(base.stat, stat)
  if (base.racy) return true
  if (how === 'in-place') return !isSame(base.stat, stat)
  return base.stat.size !== stat.size || base.stat.mtimeNs !== stat.mtimeNs || base.stat.mode !== stat.mode
}

/** Inode numbers are used again: without a birth time, a file must also look untouched. */
function isLikelyMoved(candidate: BaseEntry, stat: Stat): boolean {
  if (candidate.content.kind !== stat.kind) return false
  if (stat.birthtimeNs !== 0n) return candidate.stat.birthtimeNs === stat.birthtimeNs
  if (stat.kind === 'directory') return true
  return candidate.stat.size === stat.size && candidate.stat.mtimeNs === stat.mtimeNs
}

function depthOf(path: string): number {
  return path === '' ? 0 : path.split('/').length
}
