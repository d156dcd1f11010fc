/** `npm start`: a coordinator and demo nodes on this machine. See `--help`. */
import { relative } from 'node:path'
import { Fleet } from './demo/fleet.ts'
import { HELP, loadDotEnv, readOptions, type DemoOptions } from './demo/options.ts'
import { checkPorts } from './demo/ports.ts'

/** Signals that come within this time are one Ctrl-C: a terminal and npm both deliver it. */
const ONE_SIGNAL_MS = 1000

process.exitCode = await main()
// Whatever still holds the event loop is of no use to anyone now.
process.exit()

async function main(): Promise<number> {
  try {
    loadDotEnv()
    const options = readOptions(process.argv.slice(2), process.env)
    if (options.help) {
      process.stdout.write(HELP)
      return 0
    }
    await checkPorts(options)
    return await run(options)
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`)
    return 1
  }
}

async function run(options: DemoOptions): Promise<number> {
  const fleet = new Fleet(options)
  process.once('exit', () => fleet.kill())
  const interrupted = interruption(() => fleet.kill())
  const died = fleet.death.then((message) => {
    throw new Error(`${message}\n\nTo begin anew, remove ${options.dir} (the directories in it too).`)
  })
  died.catch(() => undefined)
  try {
    await Promise.race([show(options, fleet), interrupted, died])
    return 0
  } finally {
    console.log('\nStopping …')
    await fleet.stop()
    console.log('Stopped.')
  }
}

/** Ends only with `--once-ready`; otherwise it goes on until it is interrupted. */
async function show(options: DemoOptions, fleet: Fleet): Promise<void> {
  console.log('Starting the coordinator …')
  const url = await fleet.startCoordinator()
  console.log(`Starting ${options.nodes} ${options.nodes === 1 ? 'node' : 'nodes'} …`)
  await fleet.startNodes(url, statusPrinter(fleet))
  await fleet.caughtUp()
  console.log(panel(options, fleet, url))
  if (!options.onceReady) await new Promise(() => undefined)
}

function panel(options: DemoOptions, fleet: Fleet, url: string): string {
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  const lines = [
    'Causeway is running, and everything is in sync.',
    '',
    `Dashboard    http://${host}:${options.dashboardPort}`,
    `API          ${url.replace(/\/$/, '')}   (described at /docs)`,
    '',
    ...fleet.nodes.map(({ name, dir }) => `${name.padEnd(12)} ${dir}`),
    '',
    'Save a file in one and it appears in the others.',
    `Status of a node:  bin/causeway status --state ${relative(process.cwd(), fleet.nodes[0]?.state ?? '')}`,
    'Ctrl-C ends everything; the next start goes on from here.',
  ]
  const width = Math.max(...lines.map((line) => line.length))
  const framed = lines.map((line) => `│  ${line.padEnd(width)}  │`)
  const bar = '─'.repeat(width + 4)
  return ['', `╭${bar}╮`, ...framed, `╰${bar}╯`, ''].join('\n')
}

/** One line for every change of a node's status. */
function statusPrinter(fleet: Fleet): (node: string, line: string) => void {
  const width = Math.max(...fleet.nodes.map(({ name }) => name.length))
  const last = new Map<string, string>()
  return (node, line) => {
    if (last.get(node) === line) return
    last.set(node, line)
    console.log(`  ${node.padEnd(width)}  ${line}`)
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
