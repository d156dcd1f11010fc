import { parseArgs } from 'node:util'
import { CASE_NAMES } from './cases/all.ts'
import { parseLinkShape } from './network/link-shape.ts'
import type { LinkShape } from './network/network.ts'
import { TOOL_NAMES, type ToolName } from './tools/tool.ts'

export interface PeersOptions {
  readonly cases: readonly string[]
  readonly tools: readonly ToolName[]
  readonly repeat: number
  readonly quick: boolean
  readonly link: LinkShape | undefined
  /** Also B's link is slow. */
  readonly bothLinks: boolean
  readonly loopback: boolean
  readonly json: string | undefined
  readonly svg: string | undefined
  readonly writeDocs: boolean
  readonly cache: string | undefined
  readonly scratch: string | undefined
}

export const PEERS_HELP = `npm run bench -- --peers [options]

The same changes brought from one host to another by rsync, Unison, Syncthing and Causeway, in one run: seconds and bytes.
Needs root for network namespaces; without it all is on loopback, and a proxy counts.
On Debian: apt-get install rsync unison syncthing iproute2

  --cases LIST     ${CASE_NAMES.join(',')}
  --tools LIST     ${TOOL_NAMES.join(',')}
  --repeat N       so many rounds, each on new roots: medians are shown
  --quick          small data, generated: to see that it runs, not for figures
  --link SHAPE     host A behind a slow link, such as 50mbit,40ms (rate each way, round trip)
  --both-links     with --link: host B as well
  --loopback       no network namespaces, even where they are allowed
  --json FILE      also writes the raw rows
  --svg FILE       also draws them
  --write-docs     also writes docs/benchmarks.md, docs/bench-peers.json and docs/images/bench-peers.svg
  --cache DIR      where packages and test data are kept between runs
  --scratch DIR    the disk to measure on
`

/** Throws a `RangeError` that says what does not fit. */
export function parsePeersArgs(args: readonly string[]): PeersOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      peers: { type: 'boolean' },
      cases: { type: 'string' },
      tools: { type: 'string' },
      repeat: { type: 'string', default: '1' },
      quick: { type: 'boolean', default: false },
      link: { type: 'string' },
      'both-links': { type: 'boolean', default: false },
      loopback: { type: 'boolean', default: false },
      json: { type: 'string' },
      svg: { type: 'string' },
      'write-docs': { type: 'boolean', default: false },
      cache: { type: 'string' },
      scratch: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help === true) return 'help'
  return {
    cases: listed(values.cases, CASE_NAMES, 'case'),
    tools: listed(values.tools, TOOL_NAMES, 'tool'),
    repeat: positive(values.repeat, '--repeat'),
    quick: values.quick,
    link: values.link === undefined ? undefined : parseLinkShape(values.link),
    bothLinks: values['both-links'],
    loopback: values.loopback,
    json: values.json,
    svg: values.svg,
    writeDocs: values['write-docs'],
    cache: values.cache,
    scratch: values.scratch,
  }
}

/** Reads a list of known names, separated by commas; all of them if none is given. */
export function listed<Name extends string>(
  text: string | undefined,
  known: readonly Name[],
  what: string,
): readonly Name[] {
  if (text === undefined) return known
  const given = text.split(',').map((name) => name.trim())
  const unknown = given.find((name) => !known.some((one) => one === name))
  if (unknown !== undefined) throw new RangeError(`no ${what} is called ${unknown}: there are ${known.join(', ')}`)
  return known.filter((name) => given.includes(name))
}

/** Reads a whole number from 1 up. */
export function positive(text: string, option: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 1)
    throw new RangeError(`${option} takes a whole number from 1 up, not ${text}`)
  return value
}
