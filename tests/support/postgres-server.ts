import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { OTHER_USER, ordinaryUser } from '../../scripts/ordinary-user.ts'
import { findPostgres } from '../../scripts/find-postgres.ts'

const run = promisify(execFile)

export interface PostgresServer {
  /** A superuser's, to a database that is empty at first. */
  readonly url: string
  /** Ends the server as power loss does; nothing of what was acknowledged may be lost. */
  kill(): Promise<void>
  start(): Promise<void>
  /** What the last of these statements answers. */
  ask(...statements: readonly string[]): Promise<string>
  /** What its database takes on the disk. */
  sizeBytes(): Promise<number>
  stop(): Promise<void>
}

const PASSWORD = 'spoken-softly'
/** Sorts otherwise than by bytes: nothing may go by the order of the database's own. */
const LOCALE = ['--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US']
const STARTED_WITHIN_MS = 30_000

/**
 * A PostgreSQL of our own on a free port of this machine, in a directory that goes with it. Throws where there is none
 * to start. It syncs nothing to the disk unless it is to be measured: what a kill leaves behind is there all the same.
 */
export async function startPostgres({ isDurable = false } = {}): Promise<PostgresServer> {
  const found = findPostgres()
  if (found.kind === 'missing') throw new Error(found.reason)
  const { directory } = found
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-postgres-'))
  const user = ordinaryUser(import.meta.dirname, scratch)
  if (user.kind === 'impossible') throw new Error(user.reason)
  const [program, ...prefix] = user.prefix
  const data = join(user.home, 'data')
  const passwordFile = join(user.home, 'password')
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 })
  if (process.getuid?.() === 0) await chown(passwordFile, OTHER_USER, OTHER_USER)
  const initdb = [join(directory, 'initdb'), '-D', data, '-U', 'causeway', '--auth=scram-sha-256']
  const options = [`--pwfile=${passwordFile}`, '--no-sync', '--encoding=UTF8', ...LOCALE]
  await run(program, [...prefix, ...initdb, ...options], { env: { ...process.env, ...user.env } })

  const port = await freePort()
  const url = `postgres://causeway:${PASSWORD}@127.0.0.1:${port}/postgres`
  let server: ReturnType<typeof spawn> | undefined

  async function start(): Promise<void> {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      ...(!isDurable && { fsync: 'off', full_page_writes: 'off' }),
    }
    const given = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const command = [join(directory, 'postgres'), '-D', data, '-p', String(port), ...given]
    server = spawn(program, [...prefix, ...command], { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    server.stderr?.on('data', (bytes: Buffer) => (said = `${said}${bytes.toString()}`.slice(-4000)))
    await answering(join(directory, 'pg_isready'), port, () => server?.exitCode ?? null).catch((error: unknown) => {
      throw new Error(`PostgreSQL did not start: ${said}`, { cause: error })
    })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    const ended = once(server, 'exit')
    server.kill(signal)
    await ended
  }

  async function ask(...statements: readonly string[]): Promise<string> {
    const { stdout } = await run(join(directory, 'psql'), [url, '-At', ...statements.flatMap((one) => ['-c', one])])
    return stdout.trim().split('\n').at(-1) ?? ''
  }

  await start()
  return {
    url,
    start,
    ask,
    sizeBytes: async () => Number(await ask('CHECKPOINT', 'SELECT pg_database_size(current_database())')),
    kill: () => end('SIGQUIT'),
    async stop() {
      await end('SIGINT')
      await rm(scratch, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
    },
  }
}

async function answering(isReady: string, port: number, exitCode: () => number | null): Promise<void> {
  const started = performance.now()
  for (;;) {
    try {
      await run(isReady, ['-q', '-h', '127.0.0.1', '-p', String(port)])
      return
    } catch (error) {
      if (exitCode() !== null || performance.now() - started > STARTED_WITHIN_MS) throw error
      await pause(50)
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port is free')
  return address.port
}
