import { asSyncError, systemAdvice, type ErrorCode } from '@causeway/protocol'

/** What the command line ends with, named in every `--help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, timeout: 3, person: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failed; the message says why
  2  usage error
  3  timed out
  4  needs attention: a folder is halted, has open conflicts, or has a problem that only you can solve`

/** What to do next, where there is something to be done. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  'invite-invalid': 'Ask for a new link: causeway invite --data DIR',
  'root-missing': 'Mount the disk again, or join the folder again with another directory.',
  'root-foreign': 'Choose another directory.',
  'protocol-mismatch': 'Install the same version on both sides.',
  'node-removed': 'Ask for a new link: causeway invite --data DIR. Then join again with it, with the same directory.',
  'not-signed-in': 'The coordinator does not know this node (any more): join again with a new link.',
}

/** An error as people read it, line by line: what failed, then what to do. */
export function describeError(error: unknown): string[] {
  const told = asSyncError(error)
  if (told === undefined) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return `causeway: ${what}`.split('\n')
  }
  const advice = ADVICE[told.code] ?? systemAdvice(told)
  return [`causeway: ${told.message} (${told.code})`, ...(advice === undefined ? [] : [`  ${advice}`])]
}
