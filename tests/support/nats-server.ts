import { findNats } from '../../scripts/find-servers.ts'
import type { Lifetime } from './lifetime.ts'
import { freePort } from './processes.ts'
import { ServerProcess } from './server-process.ts'

export interface NatsServer {
  readonly port: number
  kill(): Promise<void>
  start(): Promise<void>
}

/** A NATS server on a free port of this machine, with further arguments. Throws where none is installed. */
export async function startNats(life: Lifetime, ...args: readonly string[]): Promise<NatsServer> {
  const found = findNats()
  if (found.kind === 'missing') throw new Error(found.reason)
  const port = await freePort()
  const server = new ServerProcess([found.program, '-a', '127.0.0.1', '-p', String(port), ...args], port)
  life.add(() => server.kill())
  await server.start()
  return { port, kill: () => server.kill(), start: () => server.start() }
}
