/** Another user than root, and a umask that gives nothing away: what root and a wide umask hide, shows then. */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** How to run a command so; or why that can't be done here. */
export type OrdinaryUser =
  | {
      readonly kind: 'ready'
      readonly prefix: readonly [string, ...string[]]
      readonly env: NodeJS.ProcessEnv
      readonly home: string
    }
  | { readonly kind: 'impossible'; readonly reason: string }

/** `nobody` on Debian, and a second group so that a file can be given to it. Neither needs to have a name. */
export const OTHER_USER = 65_534
const OTHER_GROUP = 65_533
const WITH_UMASK = ['sh', '-c', 'umask 077; exec "$@"', 'sh'] as const

/**
 * Runs what follows the prefix with a umask of 077; where this process is root's, as an ordinary user.
 *
 * @param repository what that user must be able to read
 * @param scratch a private directory of this process: a home for that user is made in it
 */
export function ordinaryUser(repository: string, scratch: string): OrdinaryUser {
  const home = join(scratch, 'home')
  mkdirSync(home)
  const env = { HOME: home, VITEST_FS_MODULE_CACHE_PATH: join(home, 'modules') }
  if (process.getuid?.() !== 0) return { kind: 'ready', prefix: WITH_UMASK, env, home }
  const ids = [`--reuid=${OTHER_USER}`, `--regid=${OTHER_USER}`, `--groups=${OTHER_USER},${OTHER_GROUP}`]
  const prefix = ['setpriv', ...ids, ...WITH_UMASK] as const
  chownSync(home, OTHER_USER, OTHER_USER)
  chmodSync(scratch, 0o711)
  const looked = spawnSync(prefix[0], [
    ...prefix.slice(1),
    process.execPath,
    '-e',
    `fs.readdirSync(process.argv[1])`,
    repository,
  ])
  if (looked.error !== undefined) return { kind: 'impossible', reason: 'setpriv (of util-linux) is not installed' }
  if (looked.status === 0) return { kind: 'ready', prefix, env, home }
  return { kind: 'impossible', reason: `an ordinary user can't read ${repository}: check it out elsewhere` }
}
