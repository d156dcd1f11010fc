import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findPgBouncer } from '../../scripts/find-servers.ts'
import { OTHER_USER, ordinaryUser } from '../../scripts/ordinary-user.ts'
import { freePort } from './processes.ts'
import { ServerProcess } from './server-process.ts'

export interface PgBouncer {
  /** The database's own, by way of it. */
  readonly url: string
  kill(): Promise<void>
  start(): Promise<void>
  stop(): Promise<void>
}

/** What two coordinators take, and some more. */
const CONNECTIONS = 40

/** A PgBouncer in front of a PostgreSQL of this machine. Throws where none is installed. */
export async function startPgBouncer(
  postgresUrl: string,
  mode: 'session' | 'transaction' | 'statement' = 'session',
): Promise<PgBouncer> {
  const found = findPgBouncer()
  if (found.kind === 'missing') throw new Error(found.reason)
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-pgbouncer-'))
  const user = ordinaryUser(import.meta.dirname, scratch)
  if (user.kind === 'impossible') throw new Error(user.reason)
  const url = new URL(postgresUrl)
  const port = await freePort()
  const users = join(user.home, 'users')
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: users,
    pool_mode: mode,
    max_client_conn: 500,
    default_pool_size: CONNECTIONS,
    // The one that was used last, as it is left to do: who asks next gets it.
    server_round_robin: 0,
    server_idle_timeout: 5,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`)
  const databases = ['[databases]', `* = host=${url.hostname} port=${url.port}`, '[pgbouncer]']
  const config = join(user.home, 'pgbouncer.ini')
  await writeFile(config, `${[...databases, ...lines].join('\n')}\n`)
  await writeFile(users, `"${url.username}" "${url.password}"\n`, { mode: 0o600 })
  if (process.getuid?.() === 0) for (const path of [config, users]) await chown(path, OTHER_USER, OTHER_USER)
  url.port = String(port)
  const [program, ...prefix] = user.prefix
  const server = new ServerProcess([program, ...prefix, found.program, '--quiet', config], port)
  await server.start()
  return {
    url: url.href,
    kill: () => server.kill(),
    start: () => server.start(),
    async stop() {
      await server.kill()
      await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    },
  }
}
