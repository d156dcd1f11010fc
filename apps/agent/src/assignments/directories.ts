import { lstat, mkdir, readdir, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { checkName, portabilityProblem } from '@causeway/engine'
import { SyncError, type FolderId, type FolderOffer } from '@causeway/protocol'
import { boundFolder, isRootOf } from '@causeway/replica'
import type { FormerBinding, NodeRecord } from '../state/node-record.ts'

/** Where an offered folder goes without asking, or why a person is asked. */
export type Place =
  | { readonly kind: 'take'; readonly directory: string }
  | { readonly kind: 'ask'; readonly reason: string | null }

/**
 * Where a node may put a folder by itself: back where it was when the folder
 * had been removed, or into a new or empty directory below the one it was
 * given for that. Never into what holds something already, and never outside.
 * Makes the directory it names.
 */
export async function placeFor(record: NodeRecord, offer: FolderOffer): Promise<Place> {
  const former = record.former?.find(({ folder }) => folder === offer.id)
  if (former?.why === 'folder-removed' && isBack(former)) return take(record, offer.id, former.directory)
  if (record.acceptInto === undefined) return { kind: 'ask', reason: null }
  return placeBelow(record, record.acceptInto, { offer, former })
}

/** The name of a folder's directory below the root for given folders: its own name, or its id where no disk would take that. */
export function directoryNameOf({ id, name }: Pick<FolderOffer, 'id' | 'name'>): string {
  const isUsable = checkName(name) === null && portabilityProblem(name) === null && !name.startsWith('.')
  return isUsable ? name : id
}

async function placeBelow(
  record: NodeRecord,
  root: string,
  { offer, former }: { readonly offer: FolderOffer; readonly former: FormerBinding | undefined },
): Promise<Place> {
  const real = await realpath(root).catch(() => undefined)
  if (real === undefined) return ask(`${root}, below which this node takes folders, is not there`)
  const directory = join(real, directoryNameOf(offer))
  const found = await lstat(directory).catch(() => undefined)
  if (found === undefined) {
    await mkdir(directory)
    return take(record, offer.id, directory)
  }
  if (!found.isDirectory()) return ask(`${directory} is no directory`)
  if (former?.directory === directory && isBack(former)) return take(record, offer.id, directory)
  if ((await readdir(directory)).length > 0) return ask(`${directory} holds something already`)
  return take(record, offer.id, directory)
}

function take(record: NodeRecord, folder: FolderId, directory: string): Place {
  refuseUnfit(record, { directory, folder })
  return { kind: 'take', directory }
}

function ask(reason: string): Place {
  return { kind: 'ask', reason }
}

function isBack({ directory, folder, nonce }: FormerBinding): boolean {
  return isRootOf(directory, folder, nonce)
}

export interface Wanted {
  /** Absolute, without symlinks, and there. */
  readonly directory: string
  readonly folder: FolderId
  /** Where the node keeps what it knows. */
  readonly state?: string
}

/** Throws `bad-request` or `already-exists` where a folder can't be kept in a directory, and says why. */
export function refuseUnfit({ folders, former = [] }: NodeRecord, { directory, folder, state }: Wanted): void {
  if (state !== undefined && isWithin(state, directory))
    throw new SyncError('bad-request', `the state directory ${state} lies inside ${directory}: choose another`)
  for (const bound of folders) {
    if (bound.folder === folder)
      throw new SyncError('already-exists', `this node keeps ${bound.name} in ${bound.directory} already`)
    if (isWithin(directory, bound.directory) || isWithin(bound.directory, directory)) {
      const how = `${bound.directory}, where ${bound.name} is kept`
      throw new SyncError('already-exists', `${directory} and ${how}, are not apart: choose another`)
    }
  }
  const marked = boundFolder(directory)
  const isOurs = former.some((known) => known.directory === directory && known.folder === folder)
  if (marked === undefined || (marked === folder && isOurs)) return
  throw new SyncError(
    'already-exists',
    `${directory} is kept in sync as the folder ${marked} already, or was. If no node looks after it any more, remove ` +
      `${join(directory, '.causeway', 'marker.json')} and try again: nothing is lost by that`,
  )
}

/** Whether a path is a directory or lies in it; both absolute. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}
