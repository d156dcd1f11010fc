import {
  decideCommit,
  diff,
  NO_ROWS,
  placeKey,
  type BaseEntry,
  type BaseView,
  type FolderSnapshot,
  type Stat,
} from '@causeway/engine'
import {
  entryIdOf,
  FolderIdSchema,
  ContentHashSchema,
  NodeIdSchema,
  ROOT_ID,
  type CommitRequest,
  type EntryId,
  type EntryState,
} from '@causeway/protocol'
import type { MicroCase } from './micro-case.ts'

const NODE = NodeIdSchema.parse('bench-node')
const PER_DIRECTORY = 100

/** What is decided without touching a disk: how a tree differs, and what becomes of a commit. */
export function plannerCases(quick: boolean): readonly MicroCase[] {
  const entries = quick ? 1000 : 13_300
  const { base, local, stats } = planted(entries)
  const operations = quick ? 200 : 2000
  const { snapshot, request } = manyCreates(operations)
  return [
    {
      part: 'planner',
      work: `diff of ${entries.toLocaleString('en')} unchanged entries`,
      amount: entries,
      unit: 'items',
      yardstick: 'a look-up in a map for each',
      plain() {
        let found = 0
        for (const files of local.values()) for (const { name } of files) if (stats.has(name)) found++
        return found
      },
      run: () => diff(base, local, () => false),
    },
    {
      part: 'planner',
      work: `decide a commit of ${operations.toLocaleString('en')} new files`,
      amount: operations,
      unit: 'items',
      yardstick: 'structuredClone of the commit',
      plain: () => structuredClone(request),
      run: () => decideCommit(snapshot, request),
    },
  ]
}

function planted(entries: number) {
  const byParent = new Map<EntryId, Map<string, BaseEntry>>()
  const byId = new Map<EntryId, BaseEntry>()
  const local = new Map<string, { name: string; stat: Stat }[]>()
  const stats = new Map<string, Stat>()
  let counter = 0
  function add(parent: EntryId, path: string, name: string, kind: 'file' | 'directory'): EntryId {
    const id = entryIdOf(NODE, ++counter)
    const stat: Stat = {
      kind,
      size: 1000,
      mode: 0o644,
      mtimeNs: 1n,
      ctimeNs: 1n,
      inode: BigInt(counter),
      birthtimeNs: 1n,
      device: 1n,
    }
    const hash = ContentHashSchema.parse(counter.toString(16).padStart(64, '0'))
    const content =
      kind === 'directory'
        ? ({ kind, mode: 0o755 } as const)
        : ({ kind, hash, size: 1000, mode: 0o644, mtimeNs: '1' } as const)
    const vector = { [NODE]: counter }
    const entry: BaseEntry = {
      id,
      parent,
      name,
      placeVector: vector,
      content,
      contentVector: vector,
      existenceVector: vector,
      seq: counter,
      stat,
      racy: false,
    }
    byId.set(id, entry)
    byParent.set(parent, (byParent.get(parent) ?? new Map<string, BaseEntry>()).set(name, entry))
    local.set(path, [...(local.get(path) ?? []), { name, stat }])
    stats.set(name, stat)
    return id
  }
  for (let directory = 0; counter < entries; directory++) {
    const name = `directory-${directory}`
    const id = add(ROOT_ID, '', name, 'directory')
    for (let file = 0; file < PER_DIRECTORY && counter < entries; file++)
      add(id, name, `file-${directory}-${file}`, 'file')
  }
  const base: BaseView = {
    base: (id) => byId.get(id),
    baseAt: (parent, name) => byParent.get(parent)?.get(name),
    baseChildren: (parent) => [...(byParent.get(parent)?.values() ?? [])],
    baseByInode: () => [],
  }
  return { base, local, stats }
}

function manyCreates(operations: number): { snapshot: FolderSnapshot; request: CommitRequest } {
  const numbers = Array.from({ length: operations }, (_, index) => index + 1)
  const places = new Map<string, EntryState | null>()
  const entries = new Map<EntryId, EntryState | null>()
  const aliases = new Map<EntryId, EntryId>()
  const request: CommitRequest = {
    clock: {},
    operations: numbers.map((counter) => {
      const place = { parent: ROOT_ID, name: `file-${counter}` }
      const entry = entryIdOf(NODE, counter)
      places.set(placeKey(place), null)
      entries.set(entry, null)
      const hash = ContentHashSchema.parse(counter.toString(16).padStart(64, '0'))
      return {
        kind: 'create',
        counter,
        entry,
        place,
        content: { kind: 'file', hash, size: 1000, mode: 0o644, mtimeNs: '1' },
      }
    }),
    contents: [],
    manifests: [],
    approved: false,
  }
  const snapshot: FolderSnapshot = {
    folder: {
      id: FolderIdSchema.parse('bench'),
      head: 0,
      clock: {},
      deleteBrakeShare: 0.5,
      deleteBrakeMin: 20,
      quotaBytes: null,
      isHalted: false,
      setBack: null,
    },
    node: { id: NODE, name: 'bench', access: 'read-write' },
    at: '2026-01-01T00:00:00.000Z',
    liveBytes: 0,
    liveCount: 0,
    recentDeletes: 0,
    unavailable: new Map(),
    noRoom: null,
    rows: { ...NO_ROWS, entries, places, aliases },
  }
  return { snapshot, request }
}
