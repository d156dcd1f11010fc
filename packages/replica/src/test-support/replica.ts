import {
  ContentHashSchema,
  FolderIdSchema,
  NodeIdSchema,
  ROOT_ID,
  entryIdOf,
  type Content,
  type EntryId,
  type EntryState,
  type FileContent,
} from '@causeway/protocol'
import { basePath, joinPath } from '@causeway/engine'
import { createMemoryFiles, type FilesCall, type MemoryFiles, type UserSide } from '@causeway/testkit'
import { createHash } from 'node:crypto'
import { apply, type ApplyResult } from '../apply.ts'
import type { StagedFile } from '../files.ts'
import type { BaseEntry } from '../replica-state.ts'
import { scan, type ScanResult } from '../scan.ts'
import { openReplicaState, type OpenReplicaState } from '../state/open-replica-state.ts'
import type { WatchHint } from '../watcher.ts'

const NODE = NodeIdSchema.parse('atlas')

/** A disk and a state in memory, with apply and scan over them. */
export class Replica {
  readonly disk: MemoryFiles
  readonly state: OpenReplicaState
  readonly calls: FilesCall[] = []
  beforeCall: (call: FilesCall) => void = () => undefined
  #seq = 1
  #made = 0

  constructor() {
    let nowNs = 1_800_000_000_000_000_000n
    this.disk = createMemoryFiles({
      now: () => (nowNs += 1000n),
      beforeCall: (call) => {
        this.calls.push(call)
        this.beforeCall(call)
      },
    })
    this.state = openReplicaState({ path: ':memory:', folder: FolderIdSchema.parse('test'), node: NODE })
  }

  get user(): UserSide {
    return this.disk.user
  }

  close(): void {
    this.state.close()
  }

  /** Gives the disk and the base what these paths name; a path that ends in `/` is a directory. Returns ids by path. */
  async plant(...paths: readonly string[]): Promise<Record<string, EntryId>> {
    const ids: Record<string, EntryId> = {}
    const states = paths.map((given) => {
      const path = given.replace(/\/$/, '')
      const cut = path.lastIndexOf('/')
      const parent = cut === -1 ? ROOT_ID : ids[path.slice(0, cut)]
      if (parent === undefined) throw new Error(`plant the directory of ${path} first`)
      const made = this.make(parent, path.slice(cut + 1), given.endsWith('/') ? null : `text of ${path}`)
      ids[path] = made.id
      return made
    })
    const result = await this.apply(states)
    if (result.outcomes.some(({ kind }) => kind !== 'applied')) throw new Error('it could not be planted')
    return ids
  }

  /** The state of a new entry: a file with a text, or a directory. */
  make(parent: EntryId, name: string, text: string | null): EntryState {
    const id = entryIdOf(NODE, ++this.#made)
    const vector = { atlas: this.#made }
    const content = text === null ? directory : fileOf(text)
    return {
      id,
      seq: ++this.#seq,
      parent,
      name,
      placeVector: vector,
      content,
      contentVector: vector,
      deleted: false,
      existenceVector: {},
    }
  }

  /** What the base says of an entry, changed as given. */
  change(id: EntryId | undefined, change: Partial<EntryState>): EntryState {
    const { stat: _stat, racy: _racy, ...base } = this.base(id)
    const { placeVector, contentVector, existenceVector } = base
    this.#seq += 1
    const event = { birch: this.#seq }
    const moves = change.parent !== undefined || change.name !== undefined
    return {
      ...base,
      seq: this.#seq,
      deleted: false,
      placeVector: moves ? { ...placeVector, ...event } : placeVector,
      contentVector: change.content === undefined ? contentVector : { ...contentVector, ...event },
      existenceVector: change.deleted === undefined ? existenceVector : { ...contentVector, ...placeVector, ...event },
      ...change,
    }
  }

  base(id: EntryId | undefined): BaseEntry {
    const found = id === undefined ? undefined : this.state.base(id)
    if (found === undefined) throw new Error(`the base does not hold ${id}`)
    return found
  }

  /** Applies states, with the texts of their files staged, and takes the result into the base. */
  async apply(states: readonly EntryState[]): Promise<ApplyResult> {
    const { files } = this.disk
    const staged = new Map<EntryId, StagedFile>()
    for (const { id, content, deleted } of states) {
      if (content.kind !== 'file' || deleted) continue
      const text = TEXTS.get(content.hash)
      if (text === undefined) continue
      const staging = await files.stage(text.length)
      await staging.write(new TextEncoder().encode(text))
      staged.set(id, await staging.finish({ mode: content.mode, mtimeNs: BigInt(content.mtimeNs) }))
    }
    await files.syncStaged([...staged.values()])
    const result = await apply({ files, base: this.state, states, staged, signal: new AbortController().signal })
    await files.discardStaged([...staged.values()])
    for (const [id, entry] of result.base) {
      if (entry === null) this.state.removeBase(id)
      else this.state.putBase(entry)
    }
    return result
  }

  scan(
    scope: readonly WatchHint[] = [{ directory: '', recursive: true }],
    ignored: readonly string[] = [],
  ): Promise<ScanResult> {
    return scan({
      files: this.disk.files,
      base: this.state,
      isIgnored: (path) => ignored.includes(path),
      scope,
      signal: new AbortController().signal,
    })
  }

  /** What is on the disk: each file's text, null for a directory. */
  tree(): Record<string, string | null> {
    const tree: Record<string, string | null> = {}
    const visit = (directoryPath: string): void => {
      for (const name of this.user.names(directoryPath)) {
        const path = joinPath(directoryPath, name)
        const bytes = this.user.read(path)
        tree[path] = bytes === undefined ? null : new TextDecoder().decode(bytes)
        if (bytes === undefined) visit(path)
      }
    }
    visit('')
    return tree
  }

  /** The paths of the base, and whether any two entries share one. */
  basePaths(): string[] {
    return [...this.state.baseAll()].map(({ id }) => basePath(this.state, id) ?? `lost ${id}`).sort()
  }
}

const directory: Content = { kind: 'directory', mode: 0o755 }
/** Every text that a content was made of. */
const TEXTS = new Map<string, string>()

export function fileOf(text: string, mode = 0o644): Content {
  const content = unstaged(text, mode)
  TEXTS.set(content.hash, text)
  return content
}

/** A content whose bytes are nowhere at hand. */
export function unstaged(text: string, mode = 0o644): FileContent {
  const hash = ContentHashSchema.parse(createHash('sha256').update(text).digest('hex'))
  return { kind: 'file', hash, size: text.length, mode, mtimeNs: '1700000000000000000' }
}

export function outcomesOf({ outcomes }: ApplyResult): string[] {
  return outcomes.map(({ kind, state }) => `${kind} ${state.name}`).sort()
}
