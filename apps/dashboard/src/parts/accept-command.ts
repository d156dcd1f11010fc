import { shellWord } from '@causeway/protocol'

/** What a person runs on a node to take a folder that it was given; the name is one word to a shell. */
export function acceptCommand(name: string): string {
  return `bin/causeway accept ${shellWord(name)} DIRECTORY`
}
