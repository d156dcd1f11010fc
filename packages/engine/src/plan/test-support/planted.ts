import { ContentHashSchema, NodeIdSchema, ROOT_ID, entryIdOf, type Content, type EntryId } from '@causeway/protocol'
import { createMemoryFiles, type UserSide } from '@causeway/testkit'
import type { BaseEntry, BaseView, Stat } from '../../tree.ts'
import { diff } from '../diff.ts'
import type { LocalChange, LocalTree } from '../local-change.ts'
import { joinPath } from '../paths.ts'

const NODE = NodeIdSchema.parse('planter')

/** A base tree over a plain map. */
export class PlantedBase implements BaseView {
  readonly entries = new Map<EntryId, BaseEntry>()

  constructor(entries: Iterable<BaseEntry> = []) {
    for (const entry of entries) this.put(entry)
  }

  put(entry: BaseEntry): void {
    this.entries.set(entry.id, entry)
  }

  base(id: EntryId): BaseEntry | undefined {
    return this.entries.get(id)
  }

  baseAt(parent: EntryId, name: string): BaseEntry | undefined {
    return this.#all().find((entry) => entry.parent === parent && entry.name === name)
  }

  baseChildren(parent: EntryId): readonly BaseEntry[] {
    return this.#all().filter((entry) => entry.parent === parent)
  }

  baseByInode(device: bigint, inode: bigint, birthtimeNs: bigint): readonly BaseEntry[] {
    return this.#all().filter(
      ({ stat }) => stat.device === device && stat.inode === inode && stat.birthtimeNs === birthtimeNs,
    )
  }

  #all(): BaseEntry[] {
    return [...this.entries.values()]
  }
}

/** A disk in memory, and the base as it was when `sync` was last called. */
export class Planted {
  readonly user: UserSide
  base = new PlantedBase()
  /** Where each entry was when it was planted: a name for it in expectations. */
  readonly #paths = new Map<EntryId, string>()
  readonly #files: ReturnType<typeof createMemoryFiles>['files']

  constructor() {
    let nowNs = 1_800_000_000_000_000_000n
    const disk = createMemoryFiles({ now: () => (nowNs += 1000n) })
    this.user = disk.user
    this.#files = disk.files
  }

  /** What the disk holds now becomes the base. */
  async sync(): Promise<void> {
    this.base = new PlantedBase()
    const ids = new Map([['', ROOT_ID]])
    for (const [directory, found] of await this.scan()) {
      for (const { name, stat } of found) {
        const path = joinPath(directory, name)
        const id = entryIdOf(NODE, this.#paths.size + 1)
        this.#paths.set(id, path)
        ids.set(path, id)
        this.base.put(baseEntry({ id, parent: ids.get(directory) ?? ROOT_ID, name, stat }))
      }
    }
  }

  /** Every directory of the disk, parents first. */
  async scan(...directories: string[]): Promise<LocalTree> {
    const found = new Map<string, readonly { name: string; stat: Stat }[]>()
    const queue = directories.length === 0 ? [''] : directories
    for (const directory of queue) {
      const listing = await this.#files.list(directory)
      if (listing === undefined) continue
      found.set(directory, listing.entries)
      if (directories.length > 0) continue
      for (const { name, stat } of listing.entries) if (stat.kind === 'directory') queue.push(joinPath(directory, name))
    }
    return found
  }

  async diff(isIgnored: (path: string) => boolean = () => false): Promise<readonly LocalChange[]> {
    return diff(this.base, await this.scan(), isIgnored)
  }

  idAt(path: string): EntryId {
    const found = [...this.#paths].findLast(([, planted]) => planted === path)
    if (found === undefined) throw new Error(`nothing was planted at ${path}`)
    return found[0]
  }

  /** `move x/y -> z`, by the paths that entries were planted at. */
  tell(change: LocalChange): string {
    const was = change.kind === 'create' ? '' : (this.#paths.get(change.base.id) ?? '?')
    if (change.kind === 'move') return `move ${was} -> ${change.path}`
    if (change.kind === 'edit' && was !== change.path) return `edit ${was} at ${change.path}`
    return `${change.kind} ${change.path}`
  }
}

export function baseEntry(given: { id: EntryId; parent: EntryId; name: string; stat: Stat }): BaseEntry {
  return {
    ...given,
    placeVector: { planter: 1 },
    content: contentOf(given.stat),
    contentVector: { planter: 1 },
    existenceVector: {},
    seq: 1,
    racy: false,
  }
}

/** The hash stands for size and time: nothing is read. */
function contentOf(stat: Stat): Content {
  if (stat.kind === 'directory') return { kind: 'directory', mode: stat.mode }
  if (stat.kind === 'symlink') return { kind: 'symlink', target: 'target' }
  const hash = `${stat.size}${stat.mtimeNs}`.padStart(64, '0')
  return {
    kind: 'file',
    hash: ContentHashSchema.parse(hash),
    size: stat.size,
    mode: stat.mode,
    mtimeNs: stat.mtimeNs.toString(),
  }
}
