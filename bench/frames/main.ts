import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Browser } from 'playwright-core'
import { startBrowser, visit } from '../../tests/browser/support/browser.ts'
import { post } from '../../tests/support/api.ts'
import { startCoordinator, type Coordinator } from '../../tests/support/coordinator.ts'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { REPOSITORY } from '../../tests/support/processes.ts'
import { joinAsNode, type VirtualNode } from '../load/virtual-node.ts'
import { positive } from '../peers/args.ts'
import { withSection } from '../support/doc-sections.ts'
import { describeMachine } from '../support/machine.ts'
import { frameTimes, type FrameTimes, type TraceEvent } from './frame-times.ts'

const HELP = `npm run bench -- --frames [options]

Frame times of Network Topology while events arrive, from a trace that Chromium records (its DrawFrame events): real
commits of connected nodes at a steady rate, the other nodes registered with the coordinator.

  --nodes N        nodes in all                 1000
  --connected N    of them connected            20
  --rate N         events a second              200
  --seconds N      for how long is traced       10
  --trace FILE     keeps the trace, as DevTools and Perfetto open it
  --json FILE      also writes the figures
  --write-docs     also writes them into docs/benchmarks.md
`

interface FramesOptions {
  readonly nodes: number
  readonly connected: number
  readonly rate: number
  readonly seconds: number
}

/** `npm run bench -- --frames` */
export async function mainFrames(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      frames: { type: 'boolean' },
      nodes: { type: 'string', default: '1000' },
      connected: { type: 'string', default: '20' },
      rate: { type: 'string', default: '200' },
      seconds: { type: 'string', default: '10' },
      trace: { type: 'string' },
      json: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    process.stdout.write(HELP)
    return
  }
  const options: FramesOptions = {
    nodes: positive(values.nodes, '--nodes'),
    connected: positive(values.connected, '--connected'),
    rate: positive(values.rate, '--rate'),
    seconds: positive(values.seconds, '--seconds'),
  }
  const life = new Lifetime()
  try {
    const { events, sent } = await record(life, options)
    const times = frameTimes(events)
    const machine = describeMachine()
    const printed = describe(options, times, sent)
    process.stdout.write(`${machine}\n\n${printed}\n`)
    if (values['write-docs']) {
      const page = join(REPOSITORY, 'docs/benchmarks.md')
      const text = `## Frame times\n\n\`npm run bench -- --frames\`; ${machine}.\n\n\`\`\`text\n${printed}\n\`\`\``
      await writeFile(page, withSection(await readFile(page, 'utf8'), 'bench-frames', text))
    }
    if (values.trace !== undefined) await writeFile(values.trace, JSON.stringify({ traceEvents: events }))
    if (values.json !== undefined) {
      await writeFile(values.json, `${JSON.stringify({ machine, options, sent, times }, null, 1)}\n`)
    }
  } finally {
    await life.end()
  }
}

async function record(
  life: Lifetime,
  options: FramesOptions,
): Promise<{ readonly events: readonly TraceEvent[]; readonly sent: number }> {
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-bench-frames-'))
  life.add(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const nodes = await connect(life, coordinator, Math.min(options.connected, options.nodes))
  for (let index = nodes.length; index < options.nodes; index++) await register(coordinator, index)
  const browser = await startBrowser(life)
  const { page } = await visit(browser, `${coordinator.url}/topology`)
  await page.getByRole('heading', { name: 'Network Topology' }).waitFor()
  const stopping = new AbortController()
  const sending = send(nodes, options.rate, stopping.signal)
  // The layout comes to rest, and the first events are through.
  await sleep(5_000)
  const events = await traced(browser, options.seconds)
  stopping.abort()
  return { events, sent: await sending }
}

async function connect(life: Lifetime, coordinator: Coordinator, count: number): Promise<readonly VirtualNode[]> {
  const nodes: VirtualNode[] = []
  for (let index = 0; index < count; index++) {
    const node = await joinAsNode(await coordinator.invite({ folder: 'work' }), `node ${index}`, undefined)
    life.add(() => node.close())
    nodes.push(node)
  }
  return nodes
}

async function register(coordinator: Coordinator, index: number): Promise<void> {
  const about = { node_id: `node-${index}`, name: `node ${index}`, address: '127.0.0.1', port: 9000 }
  const { status, body } = await post(coordinator, '/api/register', {
    ...about,
    watch_directories: ['/work'],
    capabilities: [],
  })
  if (status >= 300) throw new Error(`node ${index} could not be registered: ${status} ${JSON.stringify(body)}`)
}

/** Commits at a steady rate, round the nodes; says how many were taken a second. */
async function send(nodes: readonly VirtualNode[], rate: number, signal: AbortSignal): Promise<number> {
  const began = performance.now()
  const bytes = Buffer.from('the same\n')
  const under = new Set<Promise<unknown>>()
  let taken = 0
  for (let count = 0; !signal.aborted; count++) {
    const node = nodes[count % nodes.length]
    if (node === undefined) break
    const work: Promise<unknown> = node
      .commit(`file ${count}`, bytes)
      .then((isTaken) => (taken += isTaken ? 1 : 0))
      .finally(() => under.delete(work))
    under.add(work)
    const wait = began + (1000 * (count + 1)) / rate - performance.now()
    if (wait > 0) await sleep(wait)
    if (under.size > rate) await Promise.race(under)
  }
  await Promise.allSettled(under)
  return (taken / (performance.now() - began)) * 1000
}

async function traced(browser: Browser, seconds: number): Promise<readonly TraceEvent[]> {
  const devtools = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  const complete = new Promise<void>((resolve) => devtools.once('Tracing.tracingComplete', () => resolve()))
  const includedCategories = ['disabled-by-default-devtools.timeline.frame', 'devtools.timeline.frame']
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } })
  await sleep(seconds * 1000)
  await devtools.send('Tracing.end')
  await complete
  return events
}

function describe({ nodes, connected, rate, seconds }: FramesOptions, times: FrameTimes, sent: number): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`
  return [
    `Network Topology, ${nodes} nodes (${Math.min(connected, nodes)} connected), ${rate} events a second asked for, ${sent.toFixed(0)} reached, ${seconds} s:`,
    `  ${times.frames} frames, ${times.perSecond.toFixed(1)} a second, ${times.dropped} dropped`,
    `  between frames: median ${ms(times.p50Ms)}, 95 of 100 within ${ms(times.p95Ms)}, 99 within ${ms(times.p99Ms)}, longest ${ms(times.maxMs)}`,
  ].join('\n')
}
