import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A server that only some tests need; or why there is none to run them with. */
export type FoundServer =
  | { readonly kind: 'found'; readonly program: string }
  | { readonly kind: 'missing'; readonly reason: string }

/** Debian and Homebrew put servers where the PATH of an ordinary user does not lead. */
const OTHERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

export const findPgBouncer = (): FoundServer => find('PgBouncer', 'pgbouncer')
export const findNats = (): FoundServer => find('NATS server', 'nats-server')

/** Why some tests of the cluster step are skipped here, a line for each server that is not installed. */
export function missingServers(): string[] {
  return [findPgBouncer(), findNats()].flatMap((found) => (found.kind === 'missing' ? [found.reason] : []))
}

function find(name: string, program: string): FoundServer {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  const path = [...onPath, ...OTHERS].map((directory) => join(directory, program)).find((one) => existsSync(one))
  if (path !== undefined) return { kind: 'found', program: path }
  return {
    kind: 'missing',
    reason: `no ${name} is installed (Debian: sudo apt-get install ${program}): its tests are skipped`,
  }
}
