import {
  ROOT_ID,
  SyncError,
  type BrowseResponse,
  type EntryState,
  type EntryView,
  type FileView,
  type FolderId,
} from '@causeway/protocol'
import type { ListingOrder } from '@causeway/engine'
import type { ListedRow, MembershipRow, MetadataReader } from '@causeway/store'
import { entryMeant, folderOf, liveEntryAt, pathsOf } from '@causeway/log'
import type { Context } from '../ports/context.ts'
import { cursorOf, positionOf } from './listing-cursor.ts'

export interface Browse {
  /** The children of a directory as a person wants to see them; all of them, or the directories alone. Throws `not-found`. */
  children(
    folder: FolderId,
    page: {
      path: string
      order?: ListingOrder
      direction?: 'asc' | 'desc'
      after?: string | undefined
      limit: number
      kind?: 'directory' | undefined
      /** Only those of these names. */
      name?: readonly string[] | undefined
    },
  ): Promise<BrowseResponse>
  /** All files below a path, or those whose name contains a text; in no order that a person would choose, but a stable one. */
  files(
    folder: FolderId,
    query: { prefix: string; search?: string | undefined; after?: string | undefined; limit: number },
  ): Promise<{ files: FileView[]; next: string | null }>
  /** One live file, by path or id. Throws `not-found`. */
  file(
    folder: FolderId,
    target: { path?: string | undefined; entry?: EntryState['id'] | undefined },
  ): Promise<EntryState>
}

export function createBrowse({ metadata }: Context): Browse {
  return {
    children: (folder, { path, order = 'name', direction = 'asc', after, limit, kind, name }) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        const parent = await directoryAt(tx, folder, path)
        const page = {
          order,
          isDescending: direction === 'desc',
          limit: limit + 1,
          ...(after !== undefined && { after: positionOf(after) }),
          ...(kind !== undefined && { kind }),
        }
        const found =
          name === undefined ? await tx.listing(folder, parent, page) : await named(tx, { folder, parent, kind }, name)
        const rows = name === undefined ? found.slice(0, limit) : found
        const last = found.length > rows.length ? rows.at(-1) : undefined
        const views = await entryViews(
          tx,
          folder,
          rows.map(({ state }) => state),
        )
        return {
          entries: views.map((view, at) => ({ ...view, within: rows[at]?.within ?? null })),
          next: last === undefined ? null : cursorOf(order, last.state, last.within),
          total: after === undefined ? await tx.childCount(folder, parent) : null,
          within: await tx.directorySums(folder, parent),
        }
      }),
    files: (folder, { prefix, search, after, limit }) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        const states =
          search === undefined ? await below(tx, folder, prefix) : await tx.searchEntries(folder, search, 1000)
        const files = states.filter(({ content }) => content.kind === 'file')
        const paths = await pathsOf(tx, folder, files)
        const all = files
          .map((state) => fileView(folder, state, paths.get(state.id) ?? state.name))
          .filter(({ path }) => path.startsWith(prefix) && (after === undefined || path > after))
          .toSorted((a, b) => (a.path < b.path ? -1 : 1))
        const page = all.slice(0, limit)
        return { files: page, next: all.length > limit ? (page.at(-1)?.path ?? null) : null }
      }),
    file: (folder, target) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        const state = await entryMeant(tx, folder, target)
        const name = target.path ?? target.entry ?? ''
        if (state.deleted) throw new SyncError('not-found', `${name} was deleted; its history still has it`)
        if (state.content.kind !== 'file')
          throw new SyncError('bad-request', `${name} is a ${state.content.kind}, not a file`)
        return state
      }),
  }
}

/** The id of the directory at a path. Throws `not-found`, and `bad-request` for what is none. */
export async function directoryAt(tx: MetadataReader, folder: FolderId, path: string): Promise<EntryState['id']> {
  const directory = await liveEntryAt(tx, folder, path)
  if (directory === undefined) throw new SyncError('not-found', `${folder} has nothing at ${path}`)
  if (directory !== null && directory.content.kind !== 'directory') {
    throw new SyncError('bad-request', `${path} is not a directory`)
  }
  return directory?.id ?? ROOT_ID
}

async function named(
  tx: MetadataReader,
  at: { readonly folder: FolderId; readonly parent: EntryState['id']; readonly kind: 'directory' | undefined },
  names: readonly string[],
): Promise<readonly ListedRow[]> {
  const { folder, parent, kind } = at
  const places = names.map((name) => ({ parent, name }))
  const states = (await tx.entriesAt(folder, places)).filter(
    ({ content }) => kind === undefined || content.kind === kind,
  )
  return Promise.all(
    states.map(async (state) => {
      const within = state.content.kind === 'directory' ? await tx.directorySums(folder, state.id) : null
      return { state, within }
    }),
  )
}

/** Entries as people see them: with their paths, and the nodes that do not have them yet. */
export async function entryViews(
  tx: MetadataReader,
  folder: FolderId,
  states: readonly EntryState[],
): Promise<readonly EntryView[]> {
  const paths = await pathsOf(tx, folder, states)
  const receivers = (await tx.memberships({ folder })).filter(({ access }) => access !== 'send-only')
  return states.map((state) => {
    return { folder, path: paths.get(state.id) ?? state.name, state, waiting: waitingFor(state, receivers) }
  })
}

function waitingFor(state: EntryState, receivers: readonly MembershipRow[]): MembershipRow['node'][] {
  return receivers.filter(({ applied }) => applied < state.seq).map(({ node }) => node)
}

/** The part of a folder that a prefix can be in: the deepest directory it names in full. */
async function below(tx: MetadataReader, folder: FolderId, prefix: string): Promise<readonly EntryState[]> {
  const directory = prefix.includes('/')
    ? await liveEntryAt(tx, folder, prefix.slice(0, prefix.lastIndexOf('/')))
    : null
  if (directory === undefined) return []
  return tx.descendants(folder, directory?.id ?? ROOT_ID)
}

/** A file in the form of the original interface. */
export function fileView(folder: FolderId, state: EntryState, path: string): FileView {
  const { id, name, content, seq } = state
  if (content.kind !== 'file') throw new SyncError('internal', `${path} is not a file`)
  const modifiedMs = Number(BigInt(content.mtimeNs) / 1_000_000n)
  const modified = new Date(Math.abs(modifiedMs) <= 8.64e15 ? modifiedMs : 0)
  return {
    id,
    folder,
    path,
    name,
    size: content.size,
    hash: content.hash,
    modified_at: modified.toISOString(),
    version: seq,
  }
}
