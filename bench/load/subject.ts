import { join } from 'node:path'
import { startLightS3 } from '../../packages/store/src/testing/light-s3.ts'
import { startCoordinator, type Coordinator } from '../../tests/support/coordinator.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startPostgres } from '../../tests/support/postgres-server.ts'
import { OWN, type LoadOptions } from './args.ts'

/** What the load is put on. */
export type Subject = 'one' | 'cluster'

/** One coordinator with everything on its own disk, or several that share a database and a store of contents. */
export async function startSubject(
  life: Lifetime,
  scratch: string,
  {
    subject,
    cluster,
    env,
  }: { readonly subject: Subject; readonly env: NodeJS.ProcessEnv } & Pick<LoadOptions, 'cluster'>,
): Promise<readonly Coordinator[]> {
  if (subject === 'one' || cluster === undefined) {
    return [await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), env })]
  }
  const database = await databaseOf(life, cluster.database)
  const chunks = await chunksOf(life, cluster.chunks)
  return Promise.all(
    Array.from({ length: cluster.coordinators }, (_, index) =>
      startCoordinator(life, {
        dataDir: join(scratch, `coordinator-${index + 1}`),
        env: { ...env, ...chunks.env, DATABASE_URL: database, CHUNKS_URL: chunks.url, INSTANCE_NAME: `c${index + 1}` },
      }),
    ),
  )
}

/** A schema of its own where the server is somebody else's. */
async function databaseOf(life: Lifetime, given: string): Promise<string> {
  if (given !== OWN) {
    const url = new URL(given)
    url.searchParams.set('schema', `load_${process.pid}_${Date.now()}`)
    return url.href
  }
  const server = await startPostgres({ isDurable: true })
  life.add(() => server.stop())
  return server.url
}

async function chunksOf(
  life: Lifetime,
  given: string,
): Promise<{ readonly url: string; readonly env: NodeJS.ProcessEnv }> {
  if (given !== OWN) {
    const url = new URL(given)
    url.pathname = `${url.pathname.replace(/\/$/, '')}/load-${process.pid}-${Date.now()}`
    return { url: url.href, env: {} }
  }
  const server = await startLightS3()
  life.add(() => server.close())
  return { url: `s3://${server.bucket}/load?endpoint=${server.endpoint}`, env: server.env }
}
