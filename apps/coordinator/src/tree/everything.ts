import type { EntryState, Everything, EverythingCount, FolderId, Operation } from '@causeway/protocol'
import type { ListedRow, MetadataReader } from '@causeway/store'
import { type Commits, folderOf } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { directoryAt } from './browse.ts'
import { cursorOf, positionOf } from './listing-cursor.ts'
import { entriesOf, moving, numbered, ownRequest, removing } from './own-request.ts'

/**
 * What a person does to all that lies right in a directory, however much that
 * is: a part a call, so that each is short and how far it is can be shown. What
 * came or changed after the moment that the person saw it stays out.
 */
export interface EverythingIn {
  count(folder: FolderId, what: Everything): Promise<EverythingCount>
  /** Deletes the next part. */
  remove(acting: Acting, what: Part): Promise<{ removed: number; gone: EntryState['id'][]; next: string | null }>
  /** Moves the next part into another directory; names that are taken there stay. */
  move(
    acting: Acting,
    what: Part & { readonly into: string; readonly only?: readonly string[] | undefined },
  ): Promise<{ moved: string[]; taken: string[]; next: string | null }>
}

type Part = Everything & { readonly asOf: number; readonly after?: string | undefined }

/** Of a size that one commit is done with in well under a second. */
const ENTRIES_A_PART = 500
const PAGE = 1000
const BY_NAME = { order: 'name', isDescending: false } as const

export function createEverythingIn({ metadata }: Context, commits: Commits): EverythingIn {
  async function act({ folder, by }: Acting, reason: string, operations: readonly Operation[]): Promise<number> {
    const done = await commits.author(folder, async (_tx, row, counter) => {
      return { request: ownRequest(row, numbered(operations, counter)), note: { reason, actor: by } }
    })
    return entriesOf(done)
  }

  return {
    count: (folder, what) => metadata.read((tx) => count(tx, folder, what)),
    async remove(acting, what) {
      const { folder } = acting
      const { states, next } = await metadata.read((tx) => partOf(tx, folder, what))
      if (states.length === 0) return { removed: 0, gone: [], next }
      const operations = states.map((state) => removing(state))
      const removed = await act(acting, 'A person deleted it in the dashboard.', operations)
      return { removed, gone: states.map(({ id }) => id), next }
    },
    async move(acting, what) {
      const { folder } = acting
      const { states, next, target, taken } = await metadata.read(async (tx) => {
        const part = await partOf(tx, folder, what)
        const into = await directoryAt(tx, folder, what.into)
        const places = part.states.map(({ name }) => ({ parent: into, name }))
        const there = new Set((await tx.entriesAt(folder, places)).map(({ name }) => name))
        // A directory can't go into itself, nor into what lies in it.
        const above = new Set([into, ...(await tx.ancestors(folder, [into])).map(({ id }) => id)])
        const stays = ({ id, name }: EntryState): boolean => there.has(name) || above.has(id)
        return {
          next: part.next,
          target: into,
          states: part.states.filter((state) => !stays(state)),
          taken: part.states.filter(stays).map(({ name }) => name),
        }
      })
      if (states.length > 0) {
        const operations = states.map((state) => moving(state, { parent: target, name: state.name }))
        await act(acting, `A person moved it from ${what.directory || 'the top'}.`, operations)
      }
      return { moved: states.map(({ name }) => name), taken, next }
    },
  }
}

/** The next entries that are meant, by name, and where the rest goes on. */
async function partOf(
  tx: MetadataReader,
  folder: FolderId,
  what: Part & { readonly only?: readonly string[] | undefined },
): Promise<{ readonly states: readonly EntryState[]; readonly next: string | null }> {
  const { directory, except, asOf, after, only } = what
  await folderOf(tx, folder)
  const parent = await directoryAt(tx, folder, directory)
  if (only !== undefined) {
    const places = only.map((name) => ({ parent, name }))
    return { states: await tx.entriesAt(folder, places), next: null }
  }
  const from = after === undefined ? {} : { after: positionOf(after) }
  const rows = await tx.listing(folder, parent, { ...BY_NAME, ...from, limit: ENTRIES_A_PART + 1 })
  const part = rows.slice(0, ENTRIES_A_PART)
  const last = rows.length > part.length ? part.at(-1) : undefined
  const left = new Set(except)
  const states = part.map(({ state }) => state).filter(({ name, seq }) => seq <= asOf && !left.has(name))
  return { states, next: last === undefined ? null : cursorOf('name', last.state, last.within) }
}

async function count(
  tx: MetadataReader,
  folder: FolderId,
  { directory, except }: Everything,
): Promise<EverythingCount> {
  const { head } = await folderOf(tx, folder)
  const parent = await directoryAt(tx, folder, directory)
  const left = await tx.entriesAt(
    folder,
    except.map((name) => ({ parent, name })),
  )
  const leftFiles = left.filter(({ content }) => content.kind !== 'directory')
  const leftBytes = leftFiles.reduce((sum, { content }) => sum + (content.kind === 'file' ? content.size : 0), 0)
  const leftNames = new Set(except)
  const all = await tx.directorySums(folder, parent)
  const inside = { files: 0, bytes: 0 }
  const chosen = { files: 0, bytes: 0, directories: 0 }
  for await (const { state, within } of directoriesIn(tx, folder, parent)) {
    if (within === null) continue
    inside.files += within.files + within.symlinks
    inside.bytes += within.bytes
    if (leftNames.has(state.name)) continue
    chosen.directories++
    chosen.files += within.files + within.symlinks
    chosen.bytes += within.bytes
  }
  const entries = (await tx.childCount(folder, parent)) - left.length
  return {
    entries,
    directories: chosen.directories,
    inDirectories: { files: chosen.files, bytes: chosen.bytes },
    files: all.files + all.symlinks - inside.files - leftFiles.length,
    bytes: all.bytes - inside.bytes - leftBytes,
    asOf: head,
  }
}

/** The sums of a directory hold all that is in it; those of the directories in it tell what of that lies deeper. */
async function* directoriesIn(
  tx: MetadataReader,
  folder: FolderId,
  parent: EntryState['id'],
): AsyncGenerator<ListedRow> {
  let last: ListedRow | undefined
  for (;;) {
    const after = last && { isDirectory: true, value: 0, name: last.state.name }
    const page = { ...BY_NAME, kind: 'directory' as const, limit: PAGE, ...(after && { after }) }
    const rows = await tx.listing(folder, parent, page)
    yield* rows
    last = rows.at(-1)
    if (last === undefined || rows.length < PAGE) return
  }
}
