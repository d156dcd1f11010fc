import { isIP } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { SyncError } from '@causeway/protocol'
import { parseS3Place, type S3Place } from '@causeway/store'
import { isLoopback } from './access/host-check.ts'

export interface Config {
  readonly dataDirectory: string
  readonly host: string
  readonly port: number
  readonly dashboardPort: number
  readonly databasePath: string
  /** Where packs are, if not in the data directory. */
  readonly chunks: S3Place | undefined
  /** Names, beside the loopback ones and `host`, under which this coordinator may be addressed. */
  readonly allowedHosts: readonly string[]
  /** Addresses and networks of proxies that are believed. */
  readonly trustedProxies: readonly string[]
  readonly auth: boolean
  readonly logLevel: string
  /** Reads all packs into the index first, also where database and packs were not known to belong together. */
  readonly rebuildIndex: boolean
}

export const SERVE_HELP = `Usage: serve --data DIR [options]

Runs a coordinator. Prints "ready URL" on stdout once it can be reached.

  --data DIR             where all data is kept (created if missing)
  --host HOST            address to listen on            COORDINATOR_HOST, 127.0.0.1
  --port PORT            nodes, API and page             COORDINATOR_PORT, 8000; 0 takes any
  --dashboard-port PORT  the dashboard alone             DASHBOARD_PORT, 3000; 0 takes any
  --chunks URL           keep contents in an S3-compatible store instead of DIR   CHUNKS_URL
                         s3://BUCKET/PREFIX?endpoint=URL&region=R, with credentials from the
                         environment; see docs/operations/object-store.md
  --trust-proxy CIDRS    proxies whose X-Forwarded-… headers are trusted, comma-separated:
                         addresses or networks like 10.0.0.0/8   TRUST_PROXY, none
  --no-auth              turn sign-in off; on loopback only
  --rebuild-index        read all packs into the index first: once, after the database was lost
                         or if it does not belong to the packs
  --help                 show this

Further environment (also read from .env): DATABASE_PATH (DIR/coordinator.sqlite),
COORDINATOR_ALLOWED_HOSTS (more host names, comma-separated), LOG_LEVEL (info).
`

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const PortSchema = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a port number from 0 to 65535')
  .transform(Number)
  .pipe(z.number().max(65_535, 'must be a port number from 0 to 65535'))

/** An address, or a network; nothing else: a slip here would believe strangers. */
const NetworkSchema = z.string().refine((text) => {
  const [address = '', bits, ...more] = text.split('/')
  const version = isIP(address)
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
  return version !== 0 && fits && more.length === 0
}, 'must be addresses or networks like 10.0.0.0/8, comma-separated')

const EnvironmentSchema = z.object({
  COORDINATOR_HOST: z.string().min(1).default('127.0.0.1'),
  COORDINATOR_PORT: PortSchema.default(8000),
  DASHBOARD_PORT: PortSchema.default(3000),
  DATABASE_PATH: z.string().min(1).optional(),
  CHUNKS_URL: z.string().min(1).optional(),
  COORDINATOR_ALLOWED_HOSTS: z.string().default(''),
  TRUST_PROXY: z.string().transform(listed).pipe(z.array(NetworkSchema)).default([]),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
})

/** The flags that win over a variable. */
const FLAGS = {
  COORDINATOR_HOST: 'host',
  COORDINATOR_PORT: 'port',
  DASHBOARD_PORT: 'dashboard-port',
  TRUST_PROXY: 'trust-proxy',
  CHUNKS_URL: 'chunks',
} as const

/** Reads flags, which win, and environment. Throws `bad-request`; returns `help` where that was asked for. */
export function readConfig(args: readonly string[], environment: NodeJS.ProcessEnv): Config | 'help' {
  const flags = readFlags(args)
  if (flags.help === true) return 'help'
  if (flags.data === undefined) throw new SyncError('bad-request', 'serve needs --data DIR')
  const named = Object.entries(FLAGS).flatMap(([variable, flag]) => {
    const value = flags[flag]
    return value === undefined ? [] : [[variable, { value, name: `--${flag}` }] as const]
  })
  const settings = new Map([...fromEnvironment(environment), ...named])
  const values = Object.fromEntries([...settings].map(([variable, { value }]) => [variable, value]))
  const result = EnvironmentSchema.safeParse(values)
  if (!result.success) {
    const issue = result.error.issues[0]
    const { name = 'a setting', value = '' } = settings.get(String(issue?.path[0])) ?? {}
    throw new SyncError('bad-request', `${name} ${JSON.stringify(value)}: ${issue?.message ?? 'it does not fit'}`)
  }
  const env = result.data
  const auth = flags['no-auth'] !== true
  if (!auth && !isLoopback(env.COORDINATOR_HOST)) {
    throw new SyncError(
      'bad-request',
      `--no-auth lets everyone in, so it works on loopback addresses only, and ${env.COORDINATOR_HOST} is not one`,
    )
  }
  return {
    dataDirectory: flags.data,
    host: env.COORDINATOR_HOST,
    port: env.COORDINATOR_PORT,
    dashboardPort: env.DASHBOARD_PORT,
    databasePath: env.DATABASE_PATH ?? join(flags.data, 'coordinator.sqlite'),
    chunks: env.CHUNKS_URL === undefined ? undefined : parseS3Place(env.CHUNKS_URL),
    allowedHosts: listed(env.COORDINATOR_ALLOWED_HOSTS),
    trustedProxies: env.TRUST_PROXY,
    auth,
    logLevel: env.LOG_LEVEL,
    rebuildIndex: flags['rebuild-index'] === true,
  }
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        data: { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        'dashboard-port': { type: 'string' },
        'trust-proxy': { type: 'string' },
        chunks: { type: 'string' },
        'no-auth': { type: 'boolean' },
        'rebuild-index': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (cause) {
    // What follows the first sentence is for programmers.
    const said = cause instanceof Error ? cause.message.split('. ')[0] : undefined
    throw new SyncError('bad-request', said ?? 'the arguments cannot be read', { cause })
  }
}

function listed(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}

/** Variables that are set to nothing count as not set. */
function fromEnvironment(environment: NodeJS.ProcessEnv): [string, { value: string; name: string }][] {
  return Object.entries(environment).flatMap(([name, value]) => (value ? [[name, { value, name }]] : []))
}
