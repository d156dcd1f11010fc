/** Matches nothing. */
const NEVER = /(?!)/

/** What a disk refuses: `sign` in whatever was said of it, `code` where it is the very error of a call of ours. */
const REFUSALS = [
  { sign: /ENOSPC|EDQUOT|disk is full/i, code: NEVER, what: 'is full', todo: 'Make room there' },
  {
    sign: /EROFS|readonly database|read-only file system/i,
    code: NEVER,
    what: 'can only be read',
    todo: 'Make it writable',
  },
  { sign: NEVER, code: /EACCES|EPERM/, what: 'may not be written to by this user', todo: 'Let this user write there' },
  {
    sign: NEVER,
    code: /ENOTDIR|EEXIST|ENOENT|EINVAL/,
    what: 'can’t hold a directory of that name',
    todo: 'Look at its path',
  },
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
  const own = error instanceof Error && 'code' in error && 'path' in error ? String(error.code) : undefined
  const refusal = REFUSALS.find(({ sign, code }) => sign.test(text) || (own !== undefined && code.test(own)))
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
