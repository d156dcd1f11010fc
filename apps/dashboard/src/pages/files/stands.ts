import { printable, type FolderId, type NodeId, type NodeView } from '@causeway/protocol'
import { nodeNames } from '../../live/node-names.ts'
import { plural } from '../../parts/format.ts'
import { isWithin } from './paths.ts'

/** How one node stands to one version of one path, and what holds it back if it does not have it. */
export type Stand =
  | { readonly kind: 'has' }
  | { readonly kind: 'problem'; readonly message: string; readonly code: string }
  | { readonly kind: 'halted' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'offline'; readonly since: string }
  /** `changes` is how many lie before it; null if too many to count. */
  | { readonly kind: 'coming'; readonly changes: number | null }

export interface NodeStand {
  readonly node: NodeId
  readonly name: string
  readonly stand: Stand
}

export interface Wanted {
  readonly path: string
  /** The log position of its last change. */
  readonly seq: number
}

/** Every node that receives the folder, by name. */
export function standsOf(nodes: Iterable<NodeView>, folder: FolderId, wanted: Wanted): readonly NodeStand[] {
  const all = [...nodes]
  const found = all.flatMap((node) => {
    const stand = standOf(node, folder, wanted)
    return stand === null ? [] : [{ node: node.id, stand }]
  })
  if (found.length === 0) return []
  const names = nodeNames(all)
  const stands = found.map((stand) => ({ ...stand, name: names.get(stand.node) ?? stand.node }))
  return stands.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Those that do not have it, or could not do something with it. */
export function waitingOf(nodes: Iterable<NodeView>, folder: FolderId, wanted: Wanted): readonly NodeStand[] {
  return standsOf(nodes, folder, wanted).filter(({ stand }) => stand.kind !== 'has')
}

/** Null for a node that takes nothing of this folder. */
export function standOf(node: NodeView, folder: FolderId, { path, seq }: Wanted): Stand | null {
  const member = node.folders.find((one) => one.folder === folder)
  if (member === undefined || member.access === 'send-only') return null
  const { report, applied, paused, behind } = member
  // A problem with a directory is one with all that is in it.
  const problem = report?.problems.find((one) => one.path !== '' && isWithin(path, one.path))
  if (problem !== undefined) return { kind: 'problem', message: problem.message, code: problem.code }
  if (applied >= seq) return { kind: 'has' }
  if (report?.state === 'halted') return { kind: 'halted' }
  if (paused) return { kind: 'paused' }
  if (!node.online) return { kind: 'offline', since: node.lastSeenAt }
  return { kind: 'coming', changes: behind }
}

export const STAND_SHAPE = {
  has: { shape: '●', colour: 'var(--state-ok)' },
  problem: { shape: '▲', colour: 'var(--state-attention)' },
  halted: { shape: '■', colour: 'var(--state-halted)' },
  paused: { shape: '‖', colour: 'var(--state-offline)' },
  offline: { shape: '○', colour: 'var(--state-offline)' },
  coming: { shape: '◐', colour: 'var(--state-busy)' },
} as const satisfies Record<Stand['kind'], { shape: string; colour: string }>

const WORST: readonly Stand['kind'][] = ['halted', 'problem', 'paused', 'offline', 'coming', 'has']

/** The one that most needs a person. */
export function worst(stands: readonly NodeStand[]): NodeStand | undefined {
  return stands.toSorted((a, b) => WORST.indexOf(a.stand.kind) - WORST.indexOf(b.stand.kind))[0]
}

/** What holds a node back, in a few words. */
export function standWords(stand: Stand, agoText: (at: string) => string): string {
  switch (stand.kind) {
    case 'has':
      return 'has it'
    case 'problem':
      return printable(stand.message)
    case 'halted':
      return 'halted: it waits for a person'
    case 'paused':
      return 'paused'
    case 'offline':
      return `offline, last seen ${agoText(stand.since)}`
    case 'coming':
      return stand.changes === null
        ? 'on its way, over 10,000 changes behind'
        : `on its way, ${plural(stand.changes, 'change')} behind`
  }
}
