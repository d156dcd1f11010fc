import {
  COORDINATOR_ID,
  entryIdOf,
  ROOT_ID,
  SyncError,
  type EntryId,
  type EntryState,
  type EntryView,
  type FolderId,
  type Operation,
} from '@causeway/protocol'
import type { MetadataReader } from '@causeway/store'
import { type Commits, liveEntryAt, OWN_COUNTER_STEP, segmentsOf } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { entryViews } from './browse.ts'
import { entriesOf, moving, numbered, ownRequest, removing } from './own-request.ts'

/** What a person does to a folder's tree from afar. Everything is a commit of the coordinator's own: nodes follow, history keeps it. */
export interface Arrange {
  /** Makes a directory, with those above it. One that is there already is what was asked for. */
  makeDirectory(acting: Acting, path: string): Promise<EntryView>
  /** Renames, or moves to another directory. Throws `not-found`, `already-exists`, and `bad-request` for a move into itself. */
  move(acting: Acting, from: string, to: string): Promise<EntryView>
  /** Deletes files and directories with all that is in them. What is gone already is left out. Returns how many entries that took with it. */
  remove(acting: Acting, paths: readonly string[]): Promise<number>
}

const DIRECTORY_MODE = 0o755

export function createArrange({ metadata }: Context, commits: Commits): Arrange {
  async function act(
    { folder, by }: Acting,
    build: (tx: MetadataReader, counter: number) => Promise<readonly Operation[]>,
    reason: string,
  ): Promise<number> {
    const done = await commits.author(folder, async (tx, row, counter) => {
      return { request: ownRequest(row, await build(tx, counter)), note: { reason, actor: by } }
    })
    return entriesOf(done)
  }

  async function viewAt(folder: FolderId, path: string): Promise<EntryView> {
    return metadata.read(async (tx) => {
      const state = await liveEntryAt(tx, folder, path)
      const view = state ? (await entryViews(tx, folder, [state]))[0] : undefined
      // Somebody else may have moved it on in the same moment.
      if (view === undefined) throw new SyncError('not-found', `${path} is no longer there`)
      return view
    })
  }

  return {
    async makeDirectory(acting, path) {
      const { folder } = acting
      await act(
        acting,
        (tx, counter) => missingDirectories(tx, folder, path, counter),
        'A person created this directory.',
      )
      return viewAt(folder, path)
    },
    async move(acting, from, to) {
      const { folder } = acting
      await act(acting, (tx, counter) => moves(tx, { folder, from, to, counter }), `A person moved it from ${from}.`)
      return viewAt(folder, to)
    },
    remove: (acting, paths) =>
      act(
        acting,
        (tx, counter) => removals(tx, { folder: acting.folder, paths, counter }),
        'A person deleted it in the dashboard.',
      ),
  }
}

async function missingDirectories(
  tx: MetadataReader,
  folder: FolderId,
  path: string,
  counter: number,
): Promise<Operation[]> {
  const operations: Operation[] = []
  let parent: EntryId = ROOT_ID
  for (const name of segmentsOf(path)) {
    const found = operations.length > 0 ? undefined : (await tx.entriesAt(folder, [{ parent, name }]))[0]
    if (found !== undefined && found.content.kind !== 'directory') {
      throw new SyncError('already-exists', `${path}: ${name} is a ${found.content.kind}`)
    }
    if (found !== undefined) {
      parent = found.id
      continue
    }
    const next = counter + operations.length * OWN_COUNTER_STEP
    const entry = entryIdOf(COORDINATOR_ID, next)
    const content = { kind: 'directory' as const, mode: DIRECTORY_MODE }
    operations.push({ kind: 'create', counter: next, entry, place: { parent, name }, content })
    parent = entry
  }
  return operations
}

interface Moving {
  readonly folder: FolderId
  readonly from: string
  readonly to: string
  readonly counter: number
}

async function moves(tx: MetadataReader, { folder, from, to, counter }: Moving): Promise<Operation[]> {
  if (to === from) return []
  if (to.startsWith(`${from}/`)) throw new SyncError('bad-request', `${from} can't be moved into itself`)
  const moved = await required(tx, folder, from)
  const name = segmentsOf(to).at(-1)
  if (name === undefined) throw new SyncError('bad-request', 'the new path names nothing')
  const above = to.slice(0, Math.max(0, to.length - name.length - 1))
  const operations = await missingDirectories(tx, folder, above, counter)
  const last = operations.at(-1)
  const parent = last?.kind === 'create' ? last.entry : await directoryAt(tx, folder, above)
  const occupant = last === undefined ? (await tx.entriesAt(folder, [{ parent, name }]))[0] : undefined
  if (occupant !== undefined && occupant.id !== moved.id) throw new SyncError('already-exists', `${to} is taken`)
  const next = counter + operations.length * OWN_COUNTER_STEP
  return [...operations, moving(moved, { parent, name }, next)]
}

async function removals(
  tx: MetadataReader,
  {
    folder,
    paths,
    counter,
  }: { readonly folder: FolderId; readonly paths: readonly string[]; readonly counter: number },
): Promise<Operation[]> {
  const found = new Map<EntryId, EntryState>()
  for (const path of topmost(paths)) {
    const state = await liveEntryAt(tx, folder, path)
    if (state === null) throw new SyncError('bad-request', 'the folder itself is not deleted here')
    if (state !== undefined) found.set(state.id, state)
  }
  return numbered(
    [...found.values()].map((state) => removing(state)),
    counter,
  )
}

/** Those that lie below none of the others. */
function topmost(paths: readonly string[]): readonly string[] {
  const all = new Set(paths)
  return [...all].filter((path) => {
    const segments = segmentsOf(path)
    return !segments.some((_, depth) => depth > 0 && all.has(segments.slice(0, depth).join('/')))
  })
}

async function required(tx: MetadataReader, folder: FolderId, path: string): Promise<EntryState> {
  const state = await liveEntryAt(tx, folder, path)
  if (state === null) throw new SyncError('bad-request', 'the folder itself is renamed in its settings')
  if (state === undefined) throw new SyncError('not-found', `${folder} has nothing at ${path}`)
  return state
}

async function directoryAt(tx: MetadataReader, folder: FolderId, path: string): Promise<EntryId> {
  if (path === '') return ROOT_ID
  return (await required(tx, folder, path)).id
}
