import { makeZip } from 'client-zip'
import { ROOT_ID, SyncError, type EntryId, type EntryState, type FolderId } from '@causeway/protocol'
import type { MetadataReader } from '@causeway/store'
import { folderOf, liveEntryAt, pathsOf } from '@causeway/log'
import type { Contents } from '@causeway/contents'
import type { Context } from '../ports/context.ts'
import { createArchivePaths } from './archive-path.ts'

export interface Archives {
  /**
   * A directory (the empty path: the whole folder), or several entries with
   * all that is in them, as a zip archive, written while it is read: memory
   * does not grow with it. Files are stored as they are, under names
   * that no system takes for a place elsewhere; symlinks are left out. Throws `not-found`.
   */
  zip(
    folder: FolderId,
    paths: readonly string[],
    /** Of one directory: what right in it is left out, by name. */
    except?: readonly string[],
  ): Promise<{ readonly name: string; readonly stream: ReadableStream<Uint8Array> }>
}

export function createArchives({ metadata }: Context, contents: Pick<Contents, 'read'>): Archives {
  return {
    async zip(folder, paths, except = []) {
      const { name, entries } = await metadata.read(async (tx) => {
        const [only = ''] = paths
        return paths.length > 1 ? severalIn(tx, folder, paths) : directoryIn(tx, folder, only, except)
      })
      return { name: `${name}.zip`, stream: makeZip(members(contents, folder, entries)) }
    },
  }
}

interface Member {
  readonly state: EntryState
  /** Within the archive. */
  readonly path: string
  /** What it is called, or what it is in, right in the directory that is archived. */
  readonly top: string
}

interface Chosen {
  readonly name: string
  readonly entries: readonly Member[]
}

async function directoryIn(
  tx: MetadataReader,
  folder: FolderId,
  path: string,
  except: readonly string[] = [],
): Promise<Chosen> {
  const { name } = await folderOf(tx, folder)
  const directory = await required(tx, folder, path)
  if (directory !== null && directory.content.kind !== 'directory') {
    throw new SyncError('bad-request', `${path} is a ${directory.content.kind}: download it as it is`)
  }
  const states = await tx.descendants(folder, directory?.id ?? ROOT_ID)
  const left = new Set(except)
  const entries = (await within(tx, folder, states, path)).filter((member) => !left.has(member.top))
  return { name: directory?.name ?? name, entries }
}

/** Under the names they have in the deepest directory that holds them all. */
async function severalIn(tx: MetadataReader, folder: FolderId, paths: readonly string[]): Promise<Chosen> {
  const { name } = await folderOf(tx, folder)
  const found = new Map<EntryId, EntryState>()
  for (const path of paths) {
    const state = await required(tx, folder, path)
    if (state === null) return directoryIn(tx, folder, '')
    found.set(state.id, state)
    if (state.content.kind !== 'directory') continue
    for (const below of await tx.descendants(folder, state.id)) found.set(below.id, below)
  }
  const above = commonDirectory(paths)
  return { name: above.split('/').at(-1) || name, entries: await within(tx, folder, [...found.values()], above) }
}

/** Null for the folder itself. */
async function required(tx: MetadataReader, folder: FolderId, path: string): Promise<EntryState | null> {
  const state = await liveEntryAt(tx, folder, path)
  if (state === undefined) throw new SyncError('not-found', `${folder} has nothing at ${path}`)
  return state
}

async function within(
  tx: MetadataReader,
  folder: FolderId,
  states: readonly EntryState[],
  directory: string,
): Promise<readonly Member[]> {
  const paths = await pathsOf(tx, folder, states)
  const above = directory === '' ? 0 : directory.length + 1
  const archived = createArchivePaths()
  return states.map((state) => {
    const path = (paths.get(state.id) ?? state.name).slice(above)
    const [top = path] = path.split('/')
    return { state, top, path: archived(path, state.content.kind === 'directory') }
  })
}

function commonDirectory(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/').slice(0, -1))
  const depth = first.findIndex((name, at) => others.some((other) => other[at] !== name))
  return first.slice(0, depth === -1 ? first.length : depth).join('/')
}

async function* members(contents: Pick<Contents, 'read'>, folder: FolderId, entries: readonly Member[]) {
  for (const { state, path } of entries) {
    const { content } = state
    if (content.kind === 'directory') yield { name: `${path}/` }
    if (content.kind !== 'file') continue
    const lastModified = new Date(Number(BigInt(content.mtimeNs) / 1_000_000n))
    yield { name: path, lastModified, size: content.size, input: await contents.read({ ...content, folder }) }
  }
}
