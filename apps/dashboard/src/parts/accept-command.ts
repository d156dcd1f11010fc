/** What a person runs on a node to take a folder that it was given; the name is one word to a shell. */
export function acceptCommand(name: string): string {
  const word = /^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", String.raw`'\''`)}'`
  return `bin/causeway accept ${word} DIRECTORY`
}
