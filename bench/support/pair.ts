import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { startCoordinator, type Coordinator } from '../../tests/support/coordinator.ts'
import { eventually } from '../../tests/support/eventually.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startNode, type SyncNode } from '../../tests/support/node.ts'
import { peakMemoryOf } from './memory.ts'
import { CountingProxy, type WireBytes } from './proxy.ts'

/** A sender and a receiver on one coordinator, each behind a counting proxy of its own. */
export class Pair {
  readonly coordinator: Coordinator
  readonly sender: SyncNode
  readonly receiver: SyncNode
  #proxies: { readonly sender: CountingProxy; readonly receiver: CountingProxy }

  private constructor(
    coordinator: Coordinator,
    nodes: { sender: SyncNode; receiver: SyncNode },
    proxies: { sender: CountingProxy; receiver: CountingProxy },
  ) {
    this.coordinator = coordinator
    this.sender = nodes.sender
    this.receiver = nodes.receiver
    this.#proxies = proxies
  }

  static async start(life: Lifetime, scratch: string): Promise<Pair> {
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    const start = async (name: string): Promise<readonly [SyncNode, CountingProxy]> => {
      const proxy = await CountingProxy.start(coordinator.port)
      life.add(() => proxy.stop())
      const dir = join(scratch, name)
      await mkdir(dir, { recursive: true })
      const link = (await coordinator.invite({ folder: 'work' })).replace(`:${coordinator.port}`, `:${proxy.port}`)
      return [await startNode(life, { coordinator, dir, name, link }), proxy]
    }
    const [sender, senderProxy] = await start('sender')
    const [receiver, receiverProxy] = await start('receiver')
    return new Pair(coordinator, { sender, receiver }, { sender: senderProxy, receiver: receiverProxy })
  }

  resetWire(): void {
    this.#proxies.sender.reset()
    this.#proxies.receiver.reset()
  }

  get wire(): { readonly sender: WireBytes; readonly receiver: WireBytes } {
    return { sender: this.#proxies.sender.bytes, receiver: this.#proxies.receiver.bytes }
  }

  async peakMemory(): Promise<Readonly<Record<string, number>>> {
    const processes = {
      coordinator: this.coordinator.process,
      sender: this.sender.process,
      receiver: this.receiver.process,
    }
    const peaks = Object.entries(processes).map(async ([name, { pid }]) => [name, await peakMemoryOf(pid)] as const)
    return Object.fromEntries(
      (await Promise.all(peaks)).flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes]])),
    )
  }

  /** Seconds from starting the sender, whose directory was filled while it was down, to `visible` on the receiver. */
  async timeFirstSync(visible: () => Promise<boolean>): Promise<number> {
    this.resetWire()
    const started = performance.now()
    this.sender.up()
    await eventually(
      'the copy is visible on the receiver',
      async () => {
        if (!(await visible())) throw new Error('it is not complete')
      },
      { timeoutMs: 900_000, everyMs: 100 },
    )
    return (performance.now() - started) / 1000
  }
}
