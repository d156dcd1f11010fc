import type { TestProject } from 'vitest/node'
import { startPostgres } from '../support/postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the one server that all test files of a run share. */
    readonly postgresUrl: string
  }
}

/** One server for all files: each test makes a schema of its own in it. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres()
  provide('postgresUrl', server.url)
  return () => server.stop()
}
