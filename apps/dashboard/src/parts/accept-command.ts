import { folderWord, type FolderId } from '@causeway/protocol'

/** What a person runs on a node to decline a folder that it was given. */
export function declineCommand(folder: { readonly id: FolderId; readonly name: string }): string {
  return `bin/causeway decline ${folderWord(folder)}`
}

/** What a person runs on a node to take a folder that it was given; the folder is one word to a shell. */
export function acceptCommand(folder: { readonly id: FolderId; readonly name: string }): string {
  return `bin/causeway accept ${folderWord(folder)} DIRECTORY`
}
