/** A text as one word to a POSIX shell: quoted where it needs to be. */
export function shellWord(text: string): string {
  return /^[\w./@%+,:-]+$/.test(text) ? text : shellQuoted(text)
}

/** A text between quotes, for a POSIX shell, whatever is in it. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
