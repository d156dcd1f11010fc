import type { TestProject } from 'vitest/node'
import { findPgBouncer, missingServers } from '../../scripts/find-servers.ts'
import { startPgBouncer } from '../support/pgbouncer.ts'
import { startPostgres } from '../support/postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the one server that all test files of a run share. */
    readonly postgresUrl: string
    /** The same by way of a PgBouncer in session mode; null where none is installed. */
    readonly pgBouncerUrl: string | null
  }
}

/** One server for all files: each test makes a schema of its own in it. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  for (const reason of missingServers()) process.stderr.write(`${reason}\n`)
  const server = await startPostgres()
  provide('postgresUrl', server.url)
  const bouncer = findPgBouncer().kind === 'found' ? await startPgBouncer(server.url) : undefined
  provide('pgBouncerUrl', bouncer?.url ?? null)
  return async () => {
    await bouncer?.stop()
    await server.stop()
  }
}
