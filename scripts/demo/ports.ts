import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { HealthSchema } from '@causeway/protocol'
import type { DemoOptions } from './options.ts'

/** A process of a demo that was killed ends within this. */
const LEAVES_WITHIN_MS = 15_000
const ANSWER_MS = 2_000
const LOOK_EVERY_MS = 200

/**
 * Resolves to `runs` if the coordinator of this very directory holds the port and `mayRun`; else to `free`. What a demo
 * that was killed has left behind is given the time to end. Throws an `Error` for a person if a port stays taken.
 */
export async function checkPorts(options: DemoOptions, mayRun = false): Promise<'free' | 'runs'> {
  const { host, port, dashboardPort } = options
  if (port === dashboardPort) {
    throw new Error(`COORDINATOR_PORT and DASHBOARD_PORT are both ${port}; set one of them to another port.`)
  }
  const holder = (await listening(host, port))?.code === 'EADDRINUSE' ? await coordinatorAt(host, port) : undefined
  const own = holder !== undefined && holder === (await coordinatorOf(options.dir))
  if (own && mayRun) return 'runs'
  await checkPort({ host, port, variable: 'COORDINATOR_PORT', own, holder })
  await checkPort({ host, port: dashboardPort, variable: 'DASHBOARD_PORT', own, holder: undefined })
  return 'free'
}

interface Asked {
  readonly host: string
  readonly port: number
  readonly variable: string
  /** It is this demo's own coordinator, left over from a start that was killed. */
  readonly own: boolean
  /** The id of the coordinator that answers there. */
  readonly holder: string | undefined
}

async function checkPort({ host, port, variable, own, holder }: Asked): Promise<void> {
  const until = performance.now() + (own ? LEAVES_WITHIN_MS : 0)
  let problem = await listening(host, port)
  while (problem?.code === 'EADDRINUSE' && performance.now() < until) {
    await pause(LOOK_EVERY_MS)
    problem = await listening(host, port)
  }
  if (problem === undefined) return
  throw new Error(
    `Port ${port} on ${host} ${why(problem)}. Set ${variable} to another port, in the environment or in .env, ` +
      `for example:  ${variable}=${port + 1} npm start\n` +
      `To see who has it:  ss -ltnp 'sport = :${port}'  (Linux),  lsof -i :${port}  (macOS)`,
  )

  function why({ code, message }: NodeJS.ErrnoException): string {
    if (code !== 'EADDRINUSE') return `can't be listened on (${code ?? message})`
    if (own) return 'is still held by a process of an earlier start of this demo, which does not end'
    return holder === undefined ? 'is taken by another program' : 'is taken by another Causeway coordinator'
  }
}

function listening(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', resolve)
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

/** The id of the coordinator that answers at a port, if one does. */
async function coordinatorAt(host: string, port: number): Promise<string | undefined> {
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const answer = await fetch(`http://${name}:${port}/health`, { signal: AbortSignal.timeout(ANSWER_MS) })
    return HealthSchema.parse(await answer.json()).coordinator
  } catch {
    return undefined
  }
}

/** The id of the coordinator whose data lies in a demo's directory. */
async function coordinatorOf(dir: string): Promise<string | undefined> {
  const text = await readFile(join(dir, 'coordinator', 'coordinator.json'), 'utf8').catch(() => '')
  return /"id":\s*"([^"]+)"/.exec(text)?.[1]
}
