import { once } from 'node:events'
import { join } from 'node:path'
import { Spawned } from '../../support/spawned.ts'
import type { ProxyStart } from './link-proxy-process.ts'
import type { LinkBytes } from './network.ts'

const SCRIPT = join(import.meta.dirname, 'link-proxy-process.ts')

/** A link proxy that runs in a process of its own, on the host that `command` leads to. */
export class ProxyClient {
  readonly port: number
  #spawned: Spawned

  private constructor(spawned: Spawned, port: number) {
    this.#spawned = spawned
    this.port = port
  }

  static async start(
    start: ProxyStart,
    command: (command: readonly string[]) => readonly string[] = (plain) => plain,
  ): Promise<ProxyClient> {
    const spawned = new Spawned('the link proxy', command([process.execPath, SCRIPT]), { ipc: true })
    spawned.child.send(start)
    const { port } = await answerOf(spawned)
    return new ProxyClient(spawned, port ?? 0)
  }

  async bytes(): Promise<LinkBytes> {
    this.#spawned.child.send('bytes')
    const { sent = 0, received = 0 } = await answerOf(this.#spawned)
    return { sent, received }
  }

  async stop(): Promise<void> {
    // Its channel stays open until then: closed from this side, the process would never be seen to end.
    await this.#spawned.stop(2000)
  }
}

async function answerOf(spawned: Spawned): Promise<Partial<Record<'port' | 'sent' | 'received', number>>> {
  const ended = spawned.finished.then((code) => {
    throw new Error(`the link proxy ended with ${code}: ${spawned.output}`)
  })
  const [answer] = await Promise.race([once(spawned.child, 'message'), ended])
  return answer
}
