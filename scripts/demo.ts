/** `npm start`: a coordinator and demo nodes on this machine. See `--help`. */
import { join } from 'node:path'
import { EXIT } from '../apps/agent/src/cli/exit-codes.ts'
import { diskWords } from './demo/disk-words.ts'
import { newDoor, ownerClient } from './demo/door.ts'
import { Fleet, type CaughtUp } from './demo/fleet.ts'
import { HELP, loadDotEnv, readOptions, type DemoOptions } from './demo/options.ts'
import { dashboardOf, panel, typed } from './demo/panel.ts'
import { checkPorts } from './demo/ports.ts'
import { claim, release, type Running } from './demo/running.ts'
import { isFresh, writeSamplesRecord } from './demo/samples-record.ts'
import { seed } from './demo/seed/seed.ts'
import { printEvents } from './demo/tell.ts'
import { lookAt, lookUntilSomethingWaits, tellWhatWaits } from './demo/watch.ts'

/** Signals that come within this time are one Ctrl-C: a terminal and npm both deliver it. */
const ONE_SIGNAL_MS = 1000
/** The panel does not wait longer than this for everything to be in sync. */
const PANEL_AFTER_MS = 20_000

process.exitCode = await main()
// Whatever still holds the event loop is of no use to anyone now.
process.exit()

async function main(): Promise<number> {
  let dir = ''
  try {
    loadDotEnv()
    const options = readOptions(process.argv.slice(2), process.env)
    if (options.help) {
      process.stdout.write(HELP)
      return EXIT.ok
    }
    dir = options.dir
    return await start(options)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const words = dir === '' ? undefined : diskWords(error, dir)
    console.error(`\n${words ?? message}`)
    if (words !== undefined) console.error(`\nWhat was refused:\n${message}`)
    return EXIT.failed
  }
}

/** Starts the demo unless it runs already; then it says where and touches nothing. */
async function start(options: DemoOptions): Promise<number> {
  const own: Running = { pid: process.pid, dashboard: dashboardOf(options) }
  const fresh = await isFresh(options.dir)
  const claimed = await claim(options.dir, own)
  if (claimed.kind === 'taken') return runsAlready(options, claimed.by)
  try {
    if (fresh && options.samples) await writeSamplesRecord(options.dir, { nodes: options.nodes, done: [] })
    // Without a note of who runs here, whoever answers as this demo's coordinator tells it.
    if ((await checkPorts(options, claimed.kind === 'none')) === 'runs') return await runsAlready(options, own)
    return await run(options)
  } finally {
    await release(options.dir, own)
  }
}

async function runsAlready({ dir }: DemoOptions, { dashboard, pid }: Running): Promise<number> {
  const { address, note } = await newDoor(ownerClient(dir), dashboard)
  console.log(`The demo is already running: ${address}`)
  if (note !== undefined) console.log(note)
  const end = pid === process.pid ? '' : `, or:  kill ${pid}`
  console.log(`Ctrl-C in its terminal stops it${end}`)
  return EXIT.ok
}

async function run(options: DemoOptions): Promise<number> {
  const fleet = new Fleet(options, printEvents(options))
  process.once('exit', () => fleet.kill())
  const ended = new AbortController()
  const interrupted = interruption(() => fleet.kill())
  try {
    return await Promise.race([show(options, fleet, ended.signal), interrupted.then(() => EXIT.ok)])
  } finally {
    ended.abort()
    console.log('\nStopping …')
    await fleet.stop()
    console.log('Stopped.')
  }
}

/** Ends only with `--once-ready`; otherwise it goes on until it is interrupted. */
async function show(options: DemoOptions, fleet: Fleet, signal: AbortSignal): Promise<number> {
  console.log('Starting the coordinator …')
  const url = await fleet.startCoordinator()
  console.log(`Starting ${options.nodes} ${options.nodes === 1 ? 'node' : 'nodes'} …`)
  await fleet.startNodes(url)
  const client = await ownerClient(options.dir)
  const places = {
    dashboard: dashboardOf(options),
    stateOf: (name: string) => typed(fleet.nodes.find((node) => node.name === name)?.state ?? 'DIR'),
  }
  const caughtUp = await (options.onceReady ? fleet.caughtUp() : fleet.caughtUp(PANEL_AFTER_MS))
  // A coordinator that died in this moment is started again; what waits is told then.
  const expected = caughtUp === 'needs-a-person'
  const waiting = await (expected ? lookUntilSomethingWaits : lookAt)(client, places).catch(() => [])
  const dashboard = dashboardOf(options)
  const door = options.signIn ? await newDoor(Promise.resolve(client), dashboard) : { address: dashboard }
  const tokenFile = options.signIn ? join(options.dir, 'coordinator', 'admin.token') : null
  console.log(panel({ nodes: fleet.nodes, url, door, tokenFile, isInSync: caughtUp === 'in-sync', waiting }))
  if (options.onceReady) return exitCodeOf(caughtUp)
  const print = (line: string): void => console.log(line)
  const watching = tellWhatWaits(client, places, { known: waiting, print, signal }).catch((error: unknown) => {
    print(
      `▲ What needs your attention is shown only on the page: ${error instanceof Error ? error.message : String(error)}`,
    )
  })
  await Promise.all([watching, seed({ options, fleet, client, print, signal })])
  return new Promise(() => undefined)
}

function exitCodeOf(caughtUp: CaughtUp): number {
  switch (caughtUp) {
    case 'in-sync':
      return EXIT.ok
    case 'needs-a-person':
      return EXIT.person
    case 'not-in-time':
      return EXIT.timeout
  }
}

/** Resolves on the first signal to end; a later one is a person who won't wait. */
function interruption(onImpatience: () => void): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        first ??= Date.now()
        if (Date.now() - first > ONE_SIGNAL_MS) onImpatience()
        resolve()
      })
    }
  })
}
