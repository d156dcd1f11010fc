import {
  baseDirectoryAt,
  basePath,
  directoryOf,
  joinPath,
  mayDiffer,
  nameOf,
  type BaseEntry,
  type BaseView,
  type LocalTree,
  type Stat,
} from '@causeway/engine'
import { isSyncError, type EntryId } from '@causeway/protocol'
import type { Files, ListedEntry, RelativePath } from './files.ts'
import type { WatchHint } from './watcher.ts'

export interface ScanRequest {
  readonly files: Files
  readonly base: BaseView
  readonly isIgnored: (path: RelativePath, kind: Stat['kind']) => boolean
  readonly scope: readonly WatchHint[]
  /** False to look below every directory that is new in its place, also where it seems to have been moved there. */
  readonly defersMoved?: boolean
  readonly signal: AbortSignal
}

export interface ScanResult {
  /** The directories that hold anything else than the base says. */
  readonly local: LocalTree
  /** All directories that were listed. */
  readonly looked: ReadonlySet<RelativePath>
  readonly problems: readonly { readonly path: RelativePath; readonly reason: string }[]
  /** Directories that hold something, but nothing that is synced. */
  readonly onlyIgnored: ReadonlySet<RelativePath>
  /** Directories that seem to have been moved where they are, and were not looked into: that is still to be done. */
  readonly deferred: readonly RelativePath[]
}

/**
 * Looks at the directories in scope, and at whatever they make doubtful: new
 * directories with all below, the parent of one that is gone, and the old
 * directory of anything that seems to have been moved in. Reads no content.
 *
 * A directory that was moved is found by its own inode; what lies below it is
 * left for later, so that the move of a large tree takes no longer than that
 * of a small one. Until then nothing must count as gone: it may lie there now.
 */
export async function scan(request: ScanRequest): Promise<ScanResult> {
  const scanning = new Scanning(request)
  for (const hint of request.scope) scanning.visit(hint.directory, hint.recursive)
  await scanning.run()
  const { local, looked, problems, onlyIgnored, moved } = scanning
  return { local, looked, problems, onlyIgnored, deferred: [...moved.keys()] }
}

class Scanning {
  readonly local = new Map<string, readonly ListedEntry[]>()
  readonly looked = new Set<RelativePath>()
  readonly problems: { path: RelativePath; reason: string }[] = []
  readonly onlyIgnored = new Set<RelativePath>()
  /** Directories that seem to have been moved, by where they are now. */
  readonly moved = new Map<RelativePath, EntryId>()
  readonly #request: ScanRequest
  readonly #queue: WatchHint[] = []
  /** Path → whether it was queued with all below. */
  readonly #seen = new Map<string, boolean>()
  /** Directories that the base does not have, and that a listing led to. */
  readonly #reached = new Set<RelativePath>()
  /** Directories of the base in which something lay that is elsewhere now, as it seems. */
  readonly #formerPlaces = new Set<EntryId>()

  constructor(request: ScanRequest) {
    this.#request = request
  }

  visit(directory: RelativePath, recursive: boolean): void {
    const before = this.#seen.get(directory)
    if (before === true || before === recursive) return
    this.#seen.set(directory, recursive)
    this.#queue.push({ directory, recursive })
  }

  async run(): Promise<void> {
    do {
      for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
        this.#request.signal.throwIfAborted()
        await this.#look(next)
      }
      this.#visitInsideMoved()
    } while (this.#queue.length > 0)
  }

  async #look({ directory, recursive }: WatchHint): Promise<void> {
    const { base, isIgnored } = this.#request
    const id = baseDirectoryAt(base, directory)
    // The directory is new or was moved: its own parent must be seen to tell which, and leads here again if it is new.
    if (id === undefined && !this.#reached.has(directory)) {
      this.#seen.delete(directory)
      this.visit(directoryOf(directory), false)
      return
    }
    const listing = await this.#list(directory)
    if (listing === 'unreadable') return
    if (listing === undefined) {
      if (directory !== '') this.visit(directoryOf(directory), false)
      return
    }
    for (const problem of listing.problems) {
      this.problems.push({ path: joinPath(directory, problem.name), reason: problem.reason })
    }
    const kept = listing.entries.filter(({ name, stat }) => !isIgnored(joinPath(directory, name), stat.kind))
    if (kept.length === 0 && listing.entries.length > 0) this.onlyIgnored.add(directory)
    const parent = id ?? this.#movedAt(directory)
    const children = childrenOf(base, parent)
    this.looked.add(directory)
    if (id === undefined || !isAsInBase(kept, children)) this.local.set(directory, kept)
    for (const { name, stat } of kept) {
      const known = children.get(name)
      const isKnown = known !== undefined && known.content.kind === stat.kind
      if (isKnown && stat.kind === 'directory' && recursive) this.visit(joinPath(directory, name), true)
      if (!isKnown) this.#lookAtNew(joinPath(directory, name), stat)
    }
  }

  #lookAtNew(path: RelativePath, stat: Stat): void {
    const from = stat.kind === 'directory' ? this.#movedFrom(stat) : undefined
    if (from !== undefined) this.moved.set(path, from.id)
    else if (stat.kind === 'directory') {
      this.#reached.add(path)
      this.visit(path, true)
    }
    this.#visitFormerPlaces(stat)
  }

  /** A directory that can't be read is told and left as it is: nothing below it counts as gone. */
  async #list(directory: RelativePath): Promise<Awaited<ReturnType<Files['list']>> | 'unreadable'> {
    try {
      return await this.#request.files.list(directory)
    } catch (error) {
      if (!isSyncError(error, 'io-error')) throw error
      this.problems.push({ path: directory, reason: error.message })
      return 'unreadable'
    }
  }

  #visitFormerPlaces(stat: Stat): void {
    const { base } = this.#request
    for (const { parent } of base.baseByInode(stat.device, stat.inode, stat.birthtimeNs)) {
      const path = basePath(base, parent)
      if (path !== undefined) this.visit(path, false)
      this.#formerPlaces.add(parent)
    }
  }

  /** The directory of the base that a new one seems to be. Without a birth time nothing tells them apart. */
  #movedFrom({ device, inode, birthtimeNs }: Stat): BaseEntry | undefined {
    const { base, defersMoved = true } = this.#request
    if (!defersMoved || birthtimeNs === 0n) return undefined
    return base
      .baseByInode(device, inode, birthtimeNs)
      .find(({ content, stat }) => content.kind === 'directory' && stat.birthtimeNs === birthtimeNs)
  }

  /**
   * What came out of a directory that was moved itself is only known to have
   * come from there when that place was looked at, and those above it.
   */
  #visitInsideMoved(): void {
    for (const [top, id] of this.moved) {
      for (const place of this.#formerPlaces) {
        const names = namesBelow(this.#request.base, id, place)
        if (names === undefined) continue
        let path = top
        for (const name of ['', ...names]) {
          if (name !== '') path = joinPath(path, name)
          this.#reached.add(path)
          this.visit(path, false)
        }
      }
    }
  }

  /** The directory of the base that a path inside a moved one stands for, as it seems. */
  #movedAt(path: RelativePath): EntryId | undefined {
    const top = this.moved.get(path)
    if (top !== undefined || path === '') return top
    const above = this.#movedAt(directoryOf(path))
    return above === undefined ? undefined : this.#request.base.baseAt(above, nameOf(path))?.id
  }
}

/** The names that lead from one directory of the base down to another; `undefined` if it does not lie there. */
function namesBelow(base: BaseView, top: EntryId, directory: EntryId): readonly string[] | undefined {
  const names: string[] = []
  for (let at = directory; at !== top;) {
    const entry = base.base(at)
    if (entry === undefined) return undefined
    names.unshift(entry.name)
    at = entry.parent
  }
  return names
}

/** What the base has in a directory, by name. */
function childrenOf(base: BaseView, directory: EntryId | undefined): ReadonlyMap<string, BaseEntry> {
  return new Map((directory === undefined ? [] : base.baseChildren(directory)).map((child) => [child.name, child]))
}

/** True if nothing is here, and nothing lacks, that the base does not know of. Most directories of most scans are so. */
function isAsInBase(entries: readonly ListedEntry[], children: ReadonlyMap<string, BaseEntry>): boolean {
  if (entries.length !== children.size) return false
  return entries.every(({ name, stat }) => {
    const known = children.get(name)
    return known !== undefined && known.content.kind === stat.kind && !mayDiffer(known, stat)
  })
}
