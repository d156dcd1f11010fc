import {
  baseDirectoryAt,
  basePath,
  directoryOf,
  joinPath,
  type BaseView,
  type LocalTree,
  type Stat,
} from '@causeway/engine'
import { isSyncError } from '@causeway/protocol'
import type { Files, ListedEntry, RelativePath } from './files.ts'
import type { WatchHint } from './watcher.ts'

export interface ScanRequest {
  readonly files: Files
  readonly base: BaseView
  readonly isIgnored: (path: RelativePath, kind: Stat['kind']) => boolean
  readonly scope: readonly WatchHint[]
  readonly signal: AbortSignal
}

export interface ScanResult {
  readonly local: LocalTree
  readonly problems: readonly { readonly path: RelativePath; readonly reason: string }[]
  /** Directories that hold something, but nothing that is synced. */
  readonly onlyIgnored: ReadonlySet<RelativePath>
}

/**
 * Looks at the directories in scope, and at whatever they make doubtful: new
 * directories with all below, the parent of one that is gone, and the old
 * directory of anything that seems to have been moved in. Reads no content.
 */
export async function scan(request: ScanRequest): Promise<ScanResult> {
  const scanning = new Scanning(request)
  for (const hint of request.scope) scanning.visit(hint.directory, hint.recursive)
  await scanning.run()
  return { local: scanning.local, problems: scanning.problems, onlyIgnored: scanning.onlyIgnored }
}

class Scanning {
  readonly local = new Map<string, readonly ListedEntry[]>()
  readonly problems: { path: RelativePath; reason: string }[] = []
  readonly onlyIgnored = new Set<RelativePath>()
  readonly #request: ScanRequest
  readonly #queue: WatchHint[] = []
  /** Path → whether it was queued with all below. */
  readonly #seen = new Map<string, boolean>()

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
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      this.#request.signal.throwIfAborted()
      await this.#look(next)
    }
  }

  async #look({ directory, recursive }: WatchHint): Promise<void> {
    const listing = await this.#list(directory)
    if (listing === 'unreadable') return
    if (listing === undefined) {
      if (directory !== '') this.visit(directoryOf(directory), false)
      return
    }
    for (const problem of listing.problems) {
      this.problems.push({ path: joinPath(directory, problem.name), reason: problem.reason })
    }
    const kept = listing.entries.filter(
      ({ name, stat }) => !this.#request.isIgnored(joinPath(directory, name), stat.kind),
    )
    this.local.set(directory, kept)
    if (kept.length === 0 && listing.entries.length > 0) this.onlyIgnored.add(directory)
    const id = baseDirectoryAt(this.#request.base, directory)
    // The directory is new or was moved: its own parent must be seen to tell which.
    if (id === undefined) this.visit(directoryOf(directory), false)
    for (const { name, stat } of kept) {
      const known = id === undefined ? undefined : this.#request.base.baseAt(id, name)
      const isKnown = known !== undefined && known.content.kind === stat.kind
      if (stat.kind === 'directory' && (recursive || !isKnown)) this.visit(joinPath(directory, name), true)
      if (!isKnown) this.#visitFormerPlaces(stat)
    }
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
    for (const candidate of base.baseByInode(stat.device, stat.inode, stat.birthtimeNs)) {
      const path = basePath(base, candidate.parent)
      if (path !== undefined) this.visit(path, false)
    }
  }
}
