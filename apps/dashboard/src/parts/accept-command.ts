import { folderWord, type FolderId } from '@causeway/protocol'

/** What a person runs on a node to take a folder that it was given; the folder is one word to a shell. */
export function acceptCommand(folder: { readonly id: FolderId; readonly name: string }): string {
  return `bin/causeway accept ${folderWord(folder)} DIRECTORY`
}
