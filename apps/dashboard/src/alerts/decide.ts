import type { FolderId, NodeId } from '@causeway/protocol'
import { plural } from '../parts/format.ts'

/** What a person may want to be told of while they look elsewhere. Names are as they are shown. */
export interface Standing {
  readonly nowMs: number
  /** Open conflicts of each folder. */
  readonly conflicts: ReadonlyMap<FolderId, { readonly name: string; readonly open: number }>
  /** What is halted: a sentence each, by something that stays the same for as long as it is. */
  readonly halts: ReadonlyMap<string, { readonly folder: FolderId; readonly sentence: string }>
  /** Nodes that carry a folder and are offline; since when, in milliseconds since 1970. */
  readonly offline: ReadonlyMap<NodeId, { readonly name: string; readonly sinceMs: number }>
}

/** What was told, or was so already when this began. */
export interface Told {
  readonly conflicts: ReadonlyMap<FolderId, number>
  readonly halts: ReadonlySet<string>
  readonly offline: ReadonlySet<NodeId>
  /** When the last notification went out; null before the first. */
  readonly atMs: number | null
}

export interface Alert {
  readonly title: string
  readonly body: string
  /** The address of the page where it is settled. */
  readonly address: string
}

/** Of a notebook that was shut for lunch nobody wants to hear. */
export const LONG_MS = 30 * 60_000
/** What comes up within this of the last notification waits, and is told together. */
export const GAP_MS = 60_000

/**
 * What to tell now, if anything, and what is known from then on. Everything that is new goes into one notification.
 * Whoever looks at the page (`isLooking`) has it on the page: it counts as told. What is settled may be told again if it
 * comes back.
 */
export function decide(
  told: Told | null,
  standing: Standing,
  isLooking: boolean,
): { readonly told: Told; readonly alert: Alert | null } {
  const away = new Map([...standing.offline].filter(([, { sinceMs }]) => standing.nowMs - sinceMs >= LONG_MS))
  const all: Told = {
    conflicts: new Map([...standing.conflicts].map(([folder, { open }]) => [folder, open])),
    halts: new Set(standing.halts.keys()),
    offline: new Set(away.keys()),
    atMs: told?.atMs ?? null,
  }
  if (told === null || isLooking) return { told: all, alert: null }
  const known: Told = {
    // Fewer than were told are still known; more are news.
    conflicts: new Map(
      [...all.conflicts].map(([folder, open]) => [folder, Math.min(open, told.conflicts.get(folder) ?? 0)]),
    ),
    halts: both(told.halts, all.halts),
    offline: both(told.offline, all.offline),
    atMs: told.atMs,
  }
  if (known.atMs !== null && standing.nowMs - known.atMs < GAP_MS) return { told: known, alert: null }
  const news = [
    ...[...standing.halts].filter(([key]) => !known.halts.has(key)).map(([, halt]) => haltNews(halt)),
    ...conflictNews(standing, known),
    ...[...away].filter(([node]) => !known.offline.has(node)).map(([node, { name }]) => awayNews(node, name)),
  ]
  const [first, ...others] = news
  if (first === undefined) return { told: known, alert: null }
  return { told: { ...all, atMs: standing.nowMs }, alert: together(first, others) }
}

/** The worst names the notification and says where a click leads. */
function together(first: Alert, others: readonly Alert[]): Alert {
  if (others.length === 0) return first
  const shown = others.slice(0, 2).map(({ title }) => `${title}.`)
  const rest = others.length > 2 ? [`And ${plural(others.length - 2, 'more thing')}.`] : []
  return { ...first, body: [first.body, ...shown, ...rest].join(' ') }
}

function haltNews({ folder, sentence }: { readonly folder: FolderId; readonly sentence: string }): Alert {
  return { title: sentence, body: 'It continues once you decide.', address: `/settings?folder=${encode(folder)}` }
}

function conflictNews({ conflicts }: Standing, known: Told): readonly Alert[] {
  return [...conflicts].flatMap(([folder, { name, open }]) => {
    const fresh = open - (known.conflicts.get(folder) ?? 0)
    if (fresh <= 0) return []
    const body = fresh === open ? 'Both sides are kept until you choose.' : `${plural(open, 'conflict')} in all.`
    const address = `/?view=conflicts&folder=${encode(folder)}`
    return [{ title: `${plural(fresh, 'new conflict')} in ${name}`, body, address }]
  })
}

function awayNews(node: NodeId, name: string): Alert {
  const body = 'Changes made elsewhere do not reach it, and its own changes do not reach the others.'
  return { title: `${name} has been offline for ${LONG_MS / 60_000} minutes`, body, address: `/?node=${encode(node)}` }
}

function both<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
  return new Set([...a].filter((one) => b.has(one)))
}

function encode(id: string): string {
  return encodeURIComponent(id)
}
