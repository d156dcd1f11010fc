import { existsSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

export const ROOT: string = join(import.meta.dirname, '../..')

export interface DemoOptions {
  /** Holds the nodes' directories and everything that the demo keeps. */
  readonly dir: string
  readonly nodes: number
  readonly host: string
  readonly port: number
  readonly dashboardPort: number
  /** End with exit code 0 once everything is up and the first sync is done. */
  readonly onceReady: boolean
  /** A new demo is given files to look at. */
  readonly samples: boolean
  /** Browsers sign in by a link that is printed; without it, everybody on this machine is let in. */
  readonly signIn: boolean
  readonly help: boolean
}

export const HELP = `Usage: npm start -- [options]

Runs a coordinator and three nodes on this machine, each with its own directory, and keeps them in sync.
Ctrl-C stops everything; the next start continues from there. A process that dies is restarted.
The link to the dashboard that it prints signs a browser in, once; while it runs, a second start prints a new link.
A new demo gets sample files with a history shortly after it starts; a directory that already holds files gets none.

Options
  --dir DIR        where the directories and the coordinator's data are kept   (default: ./demo)
  --nodes N        number of nodes, 1 to 12                                    (default: 3)
  --no-samples     leave the directories of a new demo empty
  --no-auth        let everybody on this machine in, without a sign-in
  --once-ready     exit as soon as everything is up and in sync
  --help           show this

Environment, or a file .env in the repository (see .env.example)
  COORDINATOR_HOST   the address to listen on; the demo takes loopback only    (default: 127.0.0.1)
  COORDINATOR_PORT   the port of the API and of the nodes                      (default: 8000)
  DASHBOARD_PORT     the port of the dashboard                                 (default: 3000)
  DATABASE_PATH      the coordinator's database           (default: inside the coordinator's data directory)
  LOG_LEVEL          trace, debug, info, warn, error or silent                 (default: warn)

Exit codes: 0 stopped as asked, or the demo is already running (it says where); 1 could not start, and says why.
With --once-ready also 3 timed out, 4 in sync except for what needs attention.
`

const MOST_NODES = 12

/**
 * Reads the command line, the environment and `.env`, the former first.
 * Throws an `Error` whose message is for a person.
 */
export function readOptions(args: readonly string[], env: NodeJS.ProcessEnv): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: 'string' },
      nodes: { type: 'string' },
      'once-ready': { type: 'boolean' },
      'no-samples': { type: 'boolean' },
      'no-auth': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  return {
    dir: resolve(env['INIT_CWD'] ?? process.cwd(), values.dir ?? join(ROOT, 'demo')),
    nodes: wholeNumber('--nodes', values.nodes ?? '3', 1, MOST_NODES),
    host: loopback(env['COORDINATOR_HOST'] || '127.0.0.1'),
    port: wholeNumber('COORDINATOR_PORT', env['COORDINATOR_PORT'] || '8000', 1, 65535),
    dashboardPort: wholeNumber('DASHBOARD_PORT', env['DASHBOARD_PORT'] || '3000', 1, 65535),
    onceReady: values['once-ready'] === true,
    samples: values['no-samples'] !== true,
    signIn: values['no-auth'] !== true,
    help: values.help === true,
  }
}

/** What is set in `.env` holds where the environment says nothing. */
export function loadDotEnv(): void {
  const path = join(ROOT, '.env')
  if (existsSync(path)) process.loadEnvFile(path)
}

function wholeNumber(name: string, text: string, from: number, to: number): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= from && number <= to) return number
  throw new Error(`${name} is ${JSON.stringify(text)}; it takes a whole number from ${from} to ${to}.`)
}

/** The demo's connections are not encrypted, so nobody else may reach it. */
function loopback(host: string): string {
  const isLoopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
  if (isLoopback) return host
  throw new Error(
    `COORDINATOR_HOST is ${JSON.stringify(host)}, but the demo does not encrypt its connections and so runs on loopback only. ` +
      'Leave it out here; to serve other machines, run: bin/causeway serve --data DIR --host ADDRESS',
  )
}
