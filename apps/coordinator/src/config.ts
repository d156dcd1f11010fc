import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { GrantedRoleSchema, parseSize, SyncError } from '@causeway/protocol'
import { databaseAddress, parseS3Place, type S3Place } from '@causeway/store'
import { isLoopback } from './access/host-check.ts'
import { busAddress } from './bus/bus-address.ts'
import type { OpenIdSettings } from './http/open-id-routes.ts'
import { TLS_ENVIRONMENT, TLS_FLAGS, TLS_HELP, transportOf, type Transport } from './tls/tls-options.ts'

export interface Config {
  readonly dataDirectory: string
  readonly host: string
  readonly port: number
  readonly dashboardPort: number
  readonly databasePath: string
  /** A PostgreSQL in place of the file, or null. May hold a password: never to be logged. */
  readonly databaseUrl: string | null
  /** A NATS that carries what coordinators say to each other, or null. May hold a password: never to be logged. */
  readonly busUrl: string | null
  /** Where packs are, if not in the data directory. */
  readonly chunks: S3Place | undefined
  /** Names, beside the loopback ones and `host`, under which this coordinator may be addressed. */
  readonly allowedHosts: readonly string[]
  /** Addresses and networks of proxies that are believed. */
  readonly trustedProxies: readonly string[]
  readonly transport: Transport
  readonly auth: boolean
  /** What this process is called in figures and logs, among several that serve the same store. */
  readonly instance: string
  /** Bytes that new contents leave free on the coordinator's own disks; `undefined` for what suits the disk. */
  readonly reserveBytes: number | undefined
  /** How long a stop may wait for requests in progress. */
  readonly drainSeconds: number
  /** How long a stop goes on taking requests after `/readyz` has turned, so that a balancer can notice. */
  readonly drainNoticeSeconds: number
  readonly logLevel: string
  /** A provider by which people may sign in. */
  readonly openId: OpenIdSettings | undefined
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
  --database URL         a PostgreSQL for all but the packs, like postgres://USER@HOST/NAME   DATABASE_URL
                         (all users of this machine see the arguments of a process: a password
                         belongs in DATABASE_URL or PGPASSWORD)
  --bus URL              hints between the coordinators of one database go through a NATS server, like
                         nats://USER:PASSWORD@HOST or tls://HOST, instead of that database   BUS_URL
  --reserve SIZE         leave this much free on the disk: new contents are refused below it, all else
                         continues; in bytes, or like 512M or 2G; 0 fills the disk
                         DISK_RESERVE, 1G or a twentieth of the disk, whichever is less
  --drain SECONDS        when stopping, wait at most this long for requests in progress  DRAIN_SECONDS, 10
  --drain-notice SECONDS when stopping, keep answering for this long after /readyz says 503,
                         so that a load balancer can notice   DRAIN_NOTICE_SECONDS, 0
${TLS_HELP}  --no-auth              turn sign-in off; on loopback only
  --rebuild-index        read all packs into the index first: once, after the database was lost
                         or does not match the packs
  --help                 show this

Further environment (also read from .env): DATABASE_PATH (DIR/coordinator.sqlite),
COORDINATOR_ALLOWED_HOSTS (more host names, comma-separated), LOG_LEVEL (info),
INSTANCE_NAME (the host's name; tells several coordinators apart in metrics and logs).
Sign-in by OpenID Connect: OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_NAME (what the button says).
It lets in those whose address an admin has entered or invited; with OIDC_DEFAULT_ROLES (like photos:viewer,docs:editor)
everyone else too. The redirect URI to register with the provider is https://YOUR-HOST/api/v1/sign-in/openid/callback.
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

const SecondsSchema = z
  .string()
  .regex(/^\d{1,4}$/, 'must be a number of seconds from 0 to 3600')
  .transform(Number)
  .pipe(z.number().max(3600, 'must be a number of seconds from 0 to 3600'))

const SizeSchema = z.string().transform((text, context) => {
  const bytes = parseSize(text)
  if (bytes === undefined) context.addIssue('must be a number of bytes, or like 512M or 2G')
  return bytes ?? z.NEVER
})

/** Like photos:viewer. */
const RoleSchema = z
  .string()
  .transform((text) => {
    const [folder, role] = text.split(':', 2)
    return { folder, role }
  })
  .pipe(GrantedRoleSchema)

const EnvironmentSchema = z.object({
  COORDINATOR_HOST: z.string().min(1).default('127.0.0.1'),
  COORDINATOR_PORT: PortSchema.default(8000),
  DASHBOARD_PORT: PortSchema.default(3000),
  DATABASE_PATH: z.string().min(1).optional(),
  DATABASE_URL: z.string().optional(),
  BUS_URL: z.string().optional(),
  CHUNKS_URL: z.string().min(1).optional(),
  COORDINATOR_ALLOWED_HOSTS: z.string().default(''),
  TRUST_PROXY: z.string().transform(listed).pipe(z.array(NetworkSchema)).default([]),
  DISK_RESERVE: SizeSchema.optional(),
  DRAIN_SECONDS: SecondsSchema.default(10),
  DRAIN_NOTICE_SECONDS: SecondsSchema.default(0),
  INSTANCE_NAME: z.string().min(1).max(100).default(hostname()),
  ...TLS_ENVIRONMENT,
  OIDC_ISSUER: z.url('must be the address of a provider').optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_NAME: z.string().min(1).max(60).optional(),
  OIDC_DEFAULT_ROLES: z.string().transform(listed).pipe(z.array(RoleSchema)).default([]),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
})

/** The flags that win over a variable. */
const FLAGS = {
  COORDINATOR_HOST: 'host',
  COORDINATOR_PORT: 'port',
  DASHBOARD_PORT: 'dashboard-port',
  TRUST_PROXY: 'trust-proxy',
  DATABASE_URL: 'database',
  BUS_URL: 'bus',
  DISK_RESERVE: 'reserve',
  DRAIN_SECONDS: 'drain',
  DRAIN_NOTICE_SECONDS: 'drain-notice',
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
  // Tried here, so that a slip is told of before anything is touched.
  if (env.DATABASE_URL !== undefined) databaseAddress(env.DATABASE_URL)
  if (env.BUS_URL !== undefined) {
    busAddress(env.BUS_URL)
    if (env.DATABASE_URL === undefined) {
      const why = 'a bus is for coordinators that share a database: name that with --database or DATABASE_URL too'
      throw new SyncError('bad-request', why)
    }
  }
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
    databaseUrl: env.DATABASE_URL ?? null,
    busUrl: env.BUS_URL ?? null,
    chunks: env.CHUNKS_URL === undefined ? undefined : parseS3Place(env.CHUNKS_URL),
    allowedHosts: listed(env.COORDINATOR_ALLOWED_HOSTS),
    trustedProxies: env.TRUST_PROXY,
    transport: transportOf(env.COORDINATOR_HOST, flags, env),
    auth,
    instance: env.INSTANCE_NAME,
    reserveBytes: env.DISK_RESERVE,
    drainSeconds: env.DRAIN_SECONDS,
    drainNoticeSeconds: env.DRAIN_NOTICE_SECONDS,
    logLevel: env.LOG_LEVEL,
    openId: openIdOf(env),
    rebuildIndex: flags['rebuild-index'] === true,
  }
}

function openIdOf(env: z.output<typeof EnvironmentSchema>): OpenIdSettings | undefined {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET: clientSecret } = env
  if (issuer === undefined) return undefined
  if (clientId === undefined || clientSecret === undefined)
    throw new SyncError('bad-request', 'OIDC_ISSUER is set: OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are needed too')
  const name = env.OIDC_NAME ?? new URL(issuer).hostname
  return { issuer, clientId, clientSecret, name, forEverybody: env.OIDC_DEFAULT_ROLES }
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
        database: { type: 'string' },
        bus: { type: 'string' },
        reserve: { type: 'string' },
        drain: { type: 'string' },
        'drain-notice': { type: 'string' },
        ...TLS_FLAGS,
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
