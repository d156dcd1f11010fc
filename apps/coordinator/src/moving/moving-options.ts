import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { SyncError } from '@causeway/protocol'
import { databaseAddress, parseS3Place } from '@causeway/store'
import { isSameDatabase, placeName, type Place } from './place.ts'

export const MOVING_COMMANDS = ['migrate', 'backup', 'restore'] as const
export type MovingCommand = (typeof MOVING_COMMANDS)[number]

export type MovingRequest =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'migrate'; readonly from: Place; readonly to: Place; readonly isDryRun: boolean }
  | { readonly kind: 'reopen'; readonly place: Place }
  | { readonly kind: 'backup'; readonly from: Place; readonly to: Place }
  | { readonly kind: 'restore'; readonly from: Place; readonly to: Place }

const WHERE = `  --data DIR             the coordinator's data directory
  --database URL         its PostgreSQL, if it has one             DATABASE_URL
  --chunks URL           its S3-compatible store, if it has one    CHUNKS_URL
`

export const MOVING_HELP: Readonly<Record<MovingCommand, string>> = {
  migrate: `Usage: causeway migrate --data DIR [--database URL] [--chunks URL] [to where] [--dry-run]

Copies an installation from one kind of stores to another, compares the copy, and marks the old one as moved, so that it
is not served by accident. Stop every coordinator of the installation first. What was interrupted continues when the same
command is run again. The old database and the old contents are not deleted.

${WHERE}To where; at least one:
  --to-database URL      a PostgreSQL                              TO_DATABASE_URL
  --to-chunks URL        an S3-compatible store                    TO_CHUNKS_URL
  --to-data DIR          another data directory; without the flags above, it also gets the
                         database and the contents
  --dry-run              say what would be copied, and change nothing
  --reopen               only take the mark off an installation that was moved, so that it can be served again
`,
  backup: `Usage: causeway backup --data DIR [--database URL] [--chunks URL] --to DIR

Makes a backup of an installation in a new directory, as of one moment, while its coordinator runs or not. A backup that
was interrupted continues when the same command is run again.

${WHERE}  --to DIR               a directory that is empty or missing
`,
  restore: `Usage: causeway restore --from DIR --data DIR [--database URL] [--chunks URL]

Restores a backup to a place that is empty, and compares it.

  --from DIR             the backup
  --data DIR             the new data directory
  --database URL         restore the database into a PostgreSQL    DATABASE_URL
  --chunks URL           restore contents into an S3-compatible store   CHUNKS_URL
`,
}

const OPTIONS = {
  data: { type: 'string' },
  database: { type: 'string' },
  chunks: { type: 'string' },
  to: { type: 'string' },
  from: { type: 'string' },
  'to-data': { type: 'string' },
  'to-database': { type: 'string' },
  'to-chunks': { type: 'string' },
  'dry-run': { type: 'boolean' },
  reopen: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type Flags = ReturnType<typeof readFlags>

const ALLOWED: Readonly<Record<MovingCommand, readonly string[]>> = {
  migrate: ['data', 'database', 'chunks', 'to-data', 'to-database', 'to-chunks', 'dry-run', 'reopen', 'help'],
  backup: ['data', 'database', 'chunks', 'to', 'help'],
  restore: ['from', 'data', 'database', 'chunks', 'help'],
}

/** Reads flags, which win, and environment. Throws `bad-request`. */
export function readMovingRequest(
  command: MovingCommand,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): MovingRequest {
  const flags = readFlags(args)
  const foreign = Object.keys(flags).find((name) => !ALLOWED[command].includes(name))
  if (foreign !== undefined) throw new SyncError('bad-request', `causeway ${command} does not know --${foreign}`)
  if (flags.help === true) return { kind: 'help', text: MOVING_HELP[command] }
  const named = placeOf(needed(flags.data, `causeway ${command} needs --data DIR`), {
    database: flags.database ?? environment['DATABASE_URL'],
    chunks: flags.chunks ?? environment['CHUNKS_URL'],
    path: environment['DATABASE_PATH'],
  })
  switch (command) {
    case 'migrate':
      return migration(named, flags, environment)
    case 'backup':
      return { kind: 'backup', from: named, to: placeOf(needed(flags.to, 'causeway backup needs --to DIR')) }
    case 'restore':
      return { kind: 'restore', from: placeOf(needed(flags.from, 'causeway restore needs --from DIR')), to: named }
  }
}

function migration(from: Place, flags: Flags, environment: NodeJS.ProcessEnv): MovingRequest {
  if (flags.reopen === true) return { kind: 'reopen', place: from }
  const data = flags['to-data']
  const database = flags['to-database'] ?? environment['TO_DATABASE_URL']
  const chunks = flags['to-chunks'] ?? environment['TO_CHUNKS_URL']
  const there = placeOf(data ?? from.dataDirectory, { database, chunks })
  const to = {
    ...there,
    ...(data === undefined && !database && { databaseUrl: from.databaseUrl, databasePath: from.databasePath }),
    ...(data === undefined && !chunks && { chunks: from.chunks }),
  }
  if (isSameDatabase(from, to)) {
    throw new SyncError(
      'bad-request',
      `the database would stay where it is (${placeName(from)}): name another with --to-database, or another directory with --to-data`,
    )
  }
  return { kind: 'migrate', from, to, isDryRun: flags['dry-run'] === true }
}

function placeOf(
  directory: string,
  {
    database,
    chunks,
    path,
  }: {
    readonly database?: string | undefined
    readonly chunks?: string | undefined
    readonly path?: string | undefined
  } = {},
): Place {
  const dataDirectory = resolve(directory)
  // Tried here, so that a slip is found before anything is touched.
  if (database) databaseAddress(database)
  return {
    dataDirectory,
    databasePath: path ? resolve(path) : join(dataDirectory, 'coordinator.sqlite'),
    databaseUrl: database ? database : null,
    chunks: chunks ? parseS3Place(chunks) : undefined,
  }
}

function needed(value: string | undefined, message: string): string {
  if (value === undefined || value === '') throw new SyncError('bad-request', message)
  return value
}

function readFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values
  } catch (cause) {
    // What follows the first sentence is for programmers.
    const said = cause instanceof Error ? cause.message.split('. ')[0] : undefined
    throw new SyncError('bad-request', said ?? 'the arguments cannot be read', { cause })
  }
}
