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

/** How it goes on once the disk takes what is written: this start has ended, or it tries again. */
export type Then = 'ended' | 'tries-again'

const THEN: Readonly<Record<Then, string>> = {
  ended:
    'and run npm start again: it continues where it stopped. Or keep the demo somewhere else:  npm start -- --dir DIR',
  'tries-again': 'and the demo continues. What you save in the meantime stays on the nodes and is sent then.',
}

/**
 * Two sentences for a person where a disk refused: why, and what to do. `undefined` where it was something else.
 * `error` is what was thrown, or the last lines of a process.
 */
export function diskWords(error: unknown, directory: string, then: Then = 'ended'): string | undefined {
  const text = textOf(error)
  const own = error instanceof Error && 'code' in error && 'path' in error ? String(error.code) : undefined
  const refusal = REFUSALS.find(({ sign, code }) => sign.test(text) || (own !== undefined && code.test(own)))
  if (refusal === undefined) return undefined
  return `The disk or directory at ${directory} ${refusal.what}. ${refusal.todo} ${THEN[then]}`
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return `${'code' in error ? String(error.code) : ''} ${error.message}`
}
