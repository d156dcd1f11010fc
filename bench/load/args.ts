import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { positive } from '../peers/args.ts'

export interface LoadOptions {
  readonly nodes: readonly number[]
  readonly files: number
  /** Only so many of the nodes commit, and the others listen; undefined: all do. */
  readonly writers: number | undefined
  readonly sizeBytes: number
  /** Processes that the nodes are spread over. */
  readonly drivers: number
  /** Pause of each node between an answer and its next commit, on average; 0: none. */
  readonly pauseMs: number
  /** Several on one database and one store of contents, beside one on SQLite; undefined: that one alone. */
  readonly cluster: { readonly coordinators: number; readonly database: string; readonly chunks: string } | undefined
  readonly json: string | undefined
  /** Where the coordinator's processor profile goes. */
  readonly profile: string | undefined
  /** Measures what the coordinator holds instead of how fast it is. */
  readonly memory: { readonly files: number; readonly edits: number } | undefined
}

/** A server that is started for the run, in the place of a URL. */
export const OWN = 'own'

export const LOAD_HELP = `npm run load -- [options]

Many nodes at once against one coordinator, over the real link: each enrols, signs in, follows the folder on its
WebSocket, and commits small files one after the other. The nodes have no disks: a few processes play them all.

  --nodes LIST   how many nodes; a list is run one after the other    10,50,200
  --files N      files that each node commits                         20
  --writers N    only so many of the nodes commit                     all
  --size BYTES   of each file                                         1024
  --pause MS     average pause of a node before each commit           0: as fast as the answers come
  --drivers N    processes that play the nodes                        ${driversHere()} here
  --coordinators N  then the same against N coordinators on one PostgreSQL and one S3 store: those of
                 --database URL and --chunks URL, or else servers that are started for it (the S3 one is a light one)
  --memory       measures instead what the coordinator holds: before, during and after a first copy of
                 --copied N small files (1000000), and --edits N edits of one file (10000)
  --json FILE    also writes the figures
  --profile DIR  the coordinator writes a processor profile there when it ends
`

/** Throws a `RangeError` that says what does not fit. */
export function parseLoadArgs(args: readonly string[]): LoadOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: 'string', default: '10,50,200' },
      files: { type: 'string', default: '20' },
      writers: { type: 'string' },
      size: { type: 'string', default: '1024' },
      pause: { type: 'string', default: '0' },
      drivers: { type: 'string', default: String(driversHere()) },
      coordinators: { type: 'string' },
      database: { type: 'string', default: OWN },
      chunks: { type: 'string', default: OWN },
      memory: { type: 'boolean', default: false },
      copied: { type: 'string', default: '1000000' },
      edits: { type: 'string', default: '10000' },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return 'help'
  const pauseMs = Number(values.pause)
  if (!Number.isFinite(pauseMs) || pauseMs < 0) throw new RangeError(`--pause takes milliseconds, not ${values.pause}`)
  return {
    nodes: values.nodes.split(',').map((text) => positive(text, '--nodes')),
    files: positive(values.files, '--files'),
    writers: values.writers === undefined ? undefined : positive(values.writers, '--writers'),
    sizeBytes: positive(values.size, '--size'),
    drivers: positive(values.drivers, '--drivers'),
    pauseMs,
    cluster:
      values.coordinators === undefined
        ? undefined
        : {
            coordinators: positive(values.coordinators, '--coordinators'),
            database: values.database,
            chunks: values.chunks,
          },
    json: values.json,
    profile: values.profile,
    memory: values.memory
      ? { files: positive(values.copied, '--copied'), edits: positive(values.edits, '--edits') }
      : undefined,
  }
}

function driversHere(): number {
  return Math.max(1, Math.min(4, availableParallelism()))
}
