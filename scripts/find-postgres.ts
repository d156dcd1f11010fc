import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The directory of a PostgreSQL server's programs; or why there is none to run tests on. */
export type FoundPostgres =
  | { readonly kind: 'found'; readonly directory: string }
  | { readonly kind: 'missing'; readonly reason: string }

const OLDEST = 15
/** Where Debian, Red Hat and Homebrew put them, which is not on the PATH. */
const DEBIAN = '/usr/lib/postgresql'
const OTHERS = ['/usr/pgsql-17/bin', '/usr/pgsql-16/bin', '/usr/pgsql-15/bin', '/opt/homebrew/bin', '/usr/local/bin']

export function findPostgres(): FoundPostgres {
  const debian = existsSync(DEBIAN) ? readdirSync(DEBIAN).toSorted((a, b) => Number(b) - Number(a)) : []
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  const directories = [...debian.map((version) => join(DEBIAN, version, 'bin')), ...onPath, ...OTHERS]
  const directory = directories.find((one) => existsSync(join(one, 'initdb')) && versionIn(one) >= OLDEST)
  if (directory !== undefined) return { kind: 'found', directory }
  const reason = `no PostgreSQL ${OLDEST} or newer is installed (Debian: sudo apt-get install postgresql)`
  return { kind: 'missing', reason }
}

function versionIn(directory: string): number {
  const told = spawnSync(join(directory, 'postgres'), ['--version'], { encoding: 'utf8' })
  return Number(/\(PostgreSQL\) (\d+)/.exec(told.stdout ?? '')?.[1] ?? 0)
}
