/** What a disk refuses, as its errors say it: `code` of Node's errors, and words of SQLite's. */
const REFUSALS = [
  { sign: /ENOSPC|EDQUOT|disk is full/i, what: 'is full', todo: 'Make room there' },
  { sign: /EROFS|readonly database|read-only file system/i, what: 'can only be read', todo: 'Make it writable' },
  {
    sign: /EACCES|EPERM/,
    what: 'may not be written to by this user',
    todo: 'Give this user the right to write there',
  },
  { sign: /ENOTDIR|EEXIST|ENOENT|EINVAL/, what: 'can’t hold a directory of that name', todo: 'Look at its path' },
] as const

/** True if that is why something failed. */
export function isFullDisk(error: unknown): boolean {
  return REFUSALS[0].sign.test(textOf(error))
}

/**
 * Two sentences for a person where a disk refused: why, and what to do. `undefined` where it was something else.
 * `error` is what was thrown, or the last lines of a process.
 */
export function diskWords(error: unknown, directory: string): string | undefined {
  const text = textOf(error)
  const refusal = REFUSALS.find(({ sign }) => sign.test(text))
  if (refusal === undefined) return undefined
  return (
    `The disk or directory at ${directory} ${refusal.what}. ${refusal.todo} and run npm start again: it goes on where ` +
    'it ended. Or keep the demo in another place:  npm start -- --dir DIR'
  )
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return `${'code' in error ? String(error.code) : ''} ${error.message}`
}
