import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from '../../tests/support/random.ts'
import { joinAsNode, type VirtualNode } from './virtual-node.ts'

/** From the parent, in this order; each but `done` is answered. */
export type DriverOrder =
  | { readonly kind: 'join'; readonly links: readonly string[]; readonly first: number; readonly ownAddresses: boolean }
  | {
      readonly kind: 'commit'
      readonly files: number
      readonly sizeBytes: number
      readonly pauseMs: number
      readonly prefix: string
      /** Every so many-th node commits, the first of all among them. */
      readonly every: number
    }
  /** Asks how far the nodes were brought. */
  | { readonly kind: 'reached' }
  | { readonly kind: 'done' }

export interface DriverReport {
  readonly accepted: number
  readonly refused: number
  readonly failures: readonly string[]
  readonly latenciesMs: readonly number[]
  readonly seconds: number
  /** How late this process's own timers were, and how busy it was: whether it held up what it measured. */
  readonly loopLagP99Ms: number
  readonly loopBusy: number
}

export interface DriverReached {
  readonly lowest: number
  readonly messages: number
  readonly bytes: number
  readonly fellBehind: number
  /** How old commits were when they arrived at the nodes that look at every one; since the last `commit` began. */
  readonly deliveredMs: readonly number[]
}

/** How often a node says how far it is. */
const ACKNOWLEDGE_MS = 250
/** To look at every message takes time: only some nodes do. */
const LOOKING_EVERY = 25

const nodes: VirtualNode[] = []
/** The number of the first of them, among those of all drivers. */
let firstNumber = 0
let acknowledging: NodeJS.Timeout | undefined

process.on('message', (order: DriverOrder) => {
  answer(order).then(
    (value) => void process.send?.(value),
    (error: unknown) => {
      process.stderr.write(`a driver of the load failed: ${error instanceof Error ? error.stack : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.once('disconnect', () => process.exit(0))

async function answer(order: DriverOrder): Promise<unknown> {
  switch (order.kind) {
    case 'join':
      return join(order)
    case 'commit':
      return commit(order)
    case 'reached':
      return reached()
    case 'done':
      clearInterval(acknowledging)
      for (const node of nodes) node.close()
      process.disconnect()
      return undefined
  }
}

async function join({ links, first, ownAddresses }: DriverOrder & { kind: 'join' }): Promise<{ joined: number }> {
  firstNumber = first
  for (const [index, link] of links.entries()) {
    const number = first + index
    // As machines of their own: what the coordinator limits for each address is not the load to measure.
    const address = ownAddresses ? `127.1.${Math.floor(number / 250)}.${(number % 250) + 1}` : undefined
    nodes.push(await joinAsNode(link, `load-${number}`, { address, looksAtAll: index % LOOKING_EVERY === 0 }))
  }
  let next = 0
  acknowledging = setInterval(() => {
    const share = Math.ceil(nodes.length / 10)
    for (let i = 0; i < share; i++) nodes[next++ % nodes.length]?.socket.acknowledge()
  }, ACKNOWLEDGE_MS / 10)
  return { joined: nodes.length }
}

async function commit(order: DriverOrder & { kind: 'commit' }): Promise<DriverReport> {
  const { files, sizeBytes, pauseMs, prefix, every } = order
  const latenciesMs: number[] = []
  const failures: string[] = []
  let [accepted, refused] = [0, 0]
  const lag = monitorEventLoopDelay({ resolution: 5 })
  lag.enable()
  for (const { socket } of nodes) socket.deliveredMs.length = 0
  const busy = performance.eventLoopUtilization()
  const started = performance.now()
  await Promise.all(
    nodes.map(async (node, index) => {
      if ((firstNumber + index) % every !== 0) return
      const random = new Random(1000 + index)
      for (let file = 0; file < files; file++) {
        if (pauseMs > 0) await sleep(random.below(2 * pauseMs + 1))
        const bytes = random.bytes(sizeBytes)
        const sentAt = performance.now()
        try {
          if (await node.commit(`${prefix}-${node.id}-${file}`, bytes)) accepted++
          else refused++
          latenciesMs.push(performance.now() - sentAt)
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error))
        }
      }
    }),
  )
  lag.disable()
  return {
    accepted,
    refused,
    failures: failures.slice(0, 5),
    latenciesMs,
    seconds: (performance.now() - started) / 1000,
    // The histogram's own interval is part of what it measures.
    loopLagP99Ms: Math.max(0, lag.percentile(99) / 1e6 - 5),
    loopBusy: performance.eventLoopUtilization(busy).utilization,
  }
}

function reached(): DriverReached {
  const sum = (of: (node: VirtualNode) => number): number => nodes.reduce((total, node) => total + of(node), 0)
  return {
    lowest: Math.min(...nodes.map((node) => node.socket.position())),
    messages: sum((node) => node.socket.received.messages),
    bytes: sum((node) => node.socket.received.bytes),
    fellBehind: sum((node) => node.socket.fellBehind),
    deliveredMs: nodes.flatMap(({ socket }) => socket.deliveredMs),
  }
}
