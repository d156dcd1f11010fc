import { isAbsolute, relative } from 'node:path'
import { shellWord } from '@causeway/protocol'
import type { Door } from './door.ts'
import type { DemoNode } from './fleet.ts'
import type { DemoOptions } from './options.ts'
import { waitingLines, type Waiting } from './waiting.ts'

/** The dashboard's address, without a slash at its end. */
export function dashboardOf({ host, dashboardPort }: DemoOptions): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${dashboardPort}`
}

/** A path as a person types it who is in this process's directory. */
export function typed(path: string): string {
  const near = relative(process.cwd(), path)
  const shown = near.startsWith('..') || isAbsolute(near) ? path : near
  return shellWord(shown)
}

export interface Standing {
  readonly nodes: readonly DemoNode[]
  /** The coordinator's address. */
  readonly url: string
  readonly door: Door
  /** The file with the token of the machine's owner; null where everybody is let in. */
  readonly tokenFile: string | null
  readonly isInSync: boolean
  readonly waiting: readonly Waiting[]
}

/** What a person reads first: where everything is, and what waits for them. */
export function panel({ nodes, url, door, tokenFile, isInSync, waiting }: Standing): string {
  const lines = [
    headline(isInSync, waiting.length),
    '',
    `Dashboard    ${door.address}`,
    ...(door.note === undefined ? [] : [`             ${door.note}`]),
    `API          ${url.replace(/\/$/, '')}   (documented at /docs)`,
    ...(tokenFile === null ? [] : [`             Scripts send the token in ${typed(tokenFile)}.`]),
    '',
    ...nodes.map(({ name, dir }) => `${name.padEnd(12)} ${dir}`),
    '',
    ...waiting.flatMap((one) => [...waitingLines(one), '']),
    'Save a file in one and it appears in the others.',
    `Status of a node:  bin/causeway status --state ${typed(nodes[0]?.state ?? '')}`,
    'Ctrl-C stops everything; the next start continues from here.',
  ]
  const width = Math.max(...lines.map((line) => line.length))
  const framed = lines.map((line) => `│  ${line.padEnd(width)}  │`)
  const bar = '─'.repeat(width + 4)
  return ['', `╭${bar}╮`, ...framed, `╰${bar}╯`, ''].join('\n')
}

function headline(isInSync: boolean, waiting: number): string {
  if (waiting > 0)
    return `Causeway is running. ${waiting === 1 ? 'One thing waits' : `${waiting} things wait`} for you:`
  return isInSync ? 'Causeway is running, and everything is in sync.' : 'Causeway is running, and still syncing.'
}
