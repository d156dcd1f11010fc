import { join } from 'node:path'
import { startLightS3 } from '../../packages/store/src/testing/light-s3.ts'
import { startCoordinator, type Coordinator } from './coordinator.ts'
import type { Lifetime } from './lifetime.ts'
import { Line } from './line.ts'
import { startPgBouncer, type PgBouncer } from './pgbouncer.ts'
import { startPostgres, type PostgresServer } from './postgres-server.ts'
import { startNode, type SyncNode } from './node.ts'
import { scratchDirectory } from './scratch.ts'

/** Coordinators behind a balancer, on one PostgreSQL and one S3 store, with lines between them that can break. */
export interface Cluster {
  readonly scratch: string
  readonly coordinators: readonly Coordinator[]
  readonly balancer: Line
  readonly postgres: PostgresServer
  /** Between the lines and the database, where that was asked for. */
  readonly bouncer: PgBouncer | undefined
  /** From each coordinator to the database. */
  readonly databaseLines: readonly Line[]
  readonly chunksLine: Line
}

/** A node in the folder `work` at each of the coordinators. */
export async function startNodeAtEach(
  life: Lifetime,
  { coordinators, scratch }: Pick<Cluster, 'coordinators' | 'scratch'>,
): Promise<readonly SyncNode[]> {
  const nodes: SyncNode[] = []
  for (const [index, coordinator] of coordinators.entries()) {
    const name = `ash-${index + 1}`
    const link = await coordinator.invite({ folder: 'work' })
    nodes.push(await startNode(life, { coordinator, dir: join(scratch, name), name, link }))
  }
  return nodes
}

export interface ClusterOptions {
  /** For every coordinator. */
  readonly env?: NodeJS.ProcessEnv
  /** The database is reached by way of a PgBouncer. */
  readonly isBounced?: boolean
}

export async function startCluster(
  life: Lifetime,
  count: number,
  { env: more = {}, isBounced = false }: ClusterOptions = {},
): Promise<Cluster> {
  const scratch = await scratchDirectory(life)
  const postgres = await startPostgres()
  life.add(() => postgres.stop())
  const bouncer = isBounced ? await startPgBouncer(postgres.url) : undefined
  life.add(() => bouncer?.stop())
  const database = new URL((bouncer ?? postgres).url)
  const s3 = await startLightS3()
  life.add(() => s3.close())
  const chunksLine = await Line.open(life, Number(new URL(s3.endpoint).port))
  const chunks = `s3://${s3.bucket}/cluster?endpoint=http://127.0.0.1:${chunksLine.port}&pack-mib=4`
  const databaseLines = await Promise.all(Array.from({ length: count }, () => Line.open(life, Number(database.port))))
  // All at once, on a database that is still empty: each finds what the first has chosen.
  const coordinators = await Promise.all(
    databaseLines.map((line, index) => {
      const url = new URL(database)
      url.port = String(line.port)
      const shared = { DATABASE_URL: url.href, CHUNKS_URL: chunks }
      const env = { ...s3.env, ...shared, INSTANCE_NAME: `c${index + 1}`, ...more }
      return startCoordinator(life, { dataDir: join(scratch, `coordinator-${index + 1}`), env })
    }),
  )
  const balancer = await Line.open(life, ...coordinators.map(({ port }) => port))
  return { scratch, coordinators, balancer, postgres, bouncer, databaseLines, chunksLine }
}
