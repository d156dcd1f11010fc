import { parseArgs } from 'node:util'
import { listed, positive } from '../peers/args.ts'

export const SCALE_NAMES = ['idle', 'rescan', 'crowd', 'sparse', 'first-copy'] as const
export type ScaleName = (typeof SCALE_NAMES)[number]

export interface ScaleOptions {
  readonly only: readonly ScaleName[]
  readonly files: number
  readonly idleSeconds: number
  readonly nodes: number
  readonly crowdMegabytes: number
  readonly sparseGigabytes: number
  readonly firstCopyFiles: number
  readonly json: string | undefined
  readonly writeDocs: boolean
}

export const SCALE_HELP = `npm run bench -- --scale [options]

What grows and must not: a node with many files, many nodes with one file, a huge file, a first copy of
very many small ones.

  --only LIST       ${SCALE_NAMES.join(',')}
  --files N         files of a node that idles, and that scans again     100000
  --idle SECONDS    for how long it is watched idling                     60
  --nodes N         nodes that take one new file at once                  20
  --crowd-mb N      its size                                              100
  --sparse-gb N     size of the sparse file                               20
  --first-copy N    small files that go up, then down to another     1000000
  --json FILE       also writes the figures
  --write-docs      also writes them into docs/benchmarks.md
`

/** Throws a `RangeError` that says what does not fit. */
export function parseScaleArgs(args: readonly string[]): ScaleOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scale: { type: 'boolean' },
      only: { type: 'string' },
      files: { type: 'string', default: '100000' },
      idle: { type: 'string', default: '60' },
      nodes: { type: 'string', default: '20' },
      'crowd-mb': { type: 'string', default: '100' },
      'sparse-gb': { type: 'string', default: '20' },
      'first-copy': { type: 'string', default: '1000000' },
      json: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return 'help'
  return {
    only: listed(values.only, SCALE_NAMES, 'case'),
    files: positive(values.files, '--files'),
    idleSeconds: positive(values.idle, '--idle'),
    nodes: positive(values.nodes, '--nodes'),
    crowdMegabytes: positive(values['crowd-mb'], '--crowd-mb'),
    sparseGigabytes: positive(values['sparse-gb'], '--sparse-gb'),
    firstCopyFiles: positive(values['first-copy'], '--first-copy'),
    json: values.json,
    writeDocs: values['write-docs'],
  }
}
