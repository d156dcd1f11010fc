import { folderWord, type FolderId } from '@causeway/protocol'

export interface OfferCommands {
  readonly accept: string
  readonly decline: string
}

/**
 * What a node's person types to take a folder, or to say no to it. `stateOption` is what leads these commands to this
 * node; `directory` is null where they need not say one.
 */
export function offerCommands(
  folder: { readonly id: FolderId; readonly name: string },
  stateOption: string,
  directory: 'DIR' | null = 'DIR',
): OfferCommands {
  const word = folderWord(folder)
  return {
    accept: `causeway accept ${word}${directory === null ? '' : ` ${directory}`}${stateOption}`,
    decline: `causeway decline ${word}${stateOption}`,
  }
}
