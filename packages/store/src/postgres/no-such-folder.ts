import { SyncError, type FolderId } from '@causeway/protocol'

export function noSuchFolder(folder: FolderId, attempt: string): SyncError {
  return new SyncError('not-found', `cannot ${attempt} the folder ${folder}: there is none`)
}
