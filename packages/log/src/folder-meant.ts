import { FolderIdSchema, folderNamed, slugOf, SyncError, type FolderId } from '@causeway/protocol'
import type { FolderRow } from '@causeway/store'

type Known = Pick<FolderRow, 'id' | 'name' | 'removed'>

/** More names than these would not help anybody. */
const NAMES_TOLD = 20

/**
 * The folder that a person means by id or name, or by a name with the same id; without any, the only one there is.
 * Throws `not-found` and `bad-request` with what a person can do about it: no folder comes about by a slip.
 */
export function folderMeant<Row extends Known>(all: readonly Row[], text: string | undefined): Row {
  const folders = all.filter(isInUse)
  if (text === undefined) return onlyOne(folders)
  const found = folderNamed(folders, text)
  if (found !== undefined) return found
  const removed = folderNamed(all, text)
  if (removed !== undefined) throw folderRemoved(removed)
  throw new SyncError('not-found', `there is no folder named ${text}. ${whatThereIs(folders)}`)
}

/** A folder's id is its name in lower case with dashes. Throws `bad-request` where that leaves nothing. */
export function folderIdOf(name: string): FolderId {
  const result = FolderIdSchema.safeParse(slugOf(name))
  if (!result.success)
    throw new SyncError('bad-request', `a folder's name needs a letter from a to z or a digit: ${name}`)
  return result.data
}

export function isInUse({ removed }: Pick<FolderRow, 'removed'>): boolean {
  return removed === undefined
}

/** What is said of a folder that a person removed. */
export function folderRemoved({ name, removed }: Pick<FolderRow, 'name' | 'removed'>): SyncError {
  const remedy =
    removed?.forGood === true
      ? 'it is being deleted for good, which takes a moment'
      : 'restore it, or delete it for good, in Settings on the dashboard'
  return new SyncError('not-found', `the folder ${name} was removed: ${remedy}`)
}

function onlyOne<Row extends Known>(folders: readonly Row[]): Row {
  const [only, ...others] = folders
  if (only === undefined) throw new SyncError('not-found', whatThereIs([]))
  if (others.length === 0) return only
  throw new SyncError('bad-request', `which folder? ${whatThereIs(folders)}`)
}

function whatThereIs(folders: readonly Known[]): string {
  if (folders.length === 0)
    return 'There is no folder yet: create one in Settings on the dashboard, or with "causeway invite --folder NAME --create".'
  const names = folders.slice(0, NAMES_TOLD).map(({ name }) => name)
  const more = folders.length - names.length
  return `There ${folders.length === 1 ? 'is' : 'are'}: ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`
}
