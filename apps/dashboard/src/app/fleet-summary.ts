import type { FolderView, MembershipView, NodeView } from '@causeway/protocol'
import { problemsOf } from '../data/problems-of.ts'
import type { Connection } from '../live/live-state.ts'
import { nodeNames } from '../live/node-names.ts'
import { bytes, estimate, listOf, plural } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'

/** What the sentence is made from. */
export interface Standing {
  readonly connection: Connection
  readonly nodes: readonly NodeView[]
  /** Undefined until it is known; the sentence then does without counts. */
  readonly folders: readonly FolderView[] | undefined
}

/** One thing that is true, and where it is settled or looked at. */
export interface SummaryPart {
  readonly text: string
  readonly tone: 'halted' | 'attention' | 'plain'
  /** Undefined where there is nothing to look at. */
  readonly at?: SummaryPlace
}

export interface SummaryPlace {
  readonly to: '/' | '/monitor'
  readonly search?: { readonly node?: string; readonly folder?: string; readonly view?: 'conflicts' }
  /** An element of that page. */
  readonly hash?: string
}

/**
 * Says in words how the fleet stands: all that is not as it should be, the worst first. Nodes that were only
 * registered, and carry nothing, do not count.
 */
export function fleetSummary(standing: Standing): readonly SummaryPart[] {
  if (standing.connection === 'connecting') return [plain('Loading…')]
  const carrying = standing.nodes.filter(({ folders, revoked }) => folders.length > 0 && !revoked)
  const conflicts = openConflicts(standing)
  if (carrying.length === 0) return [plain('No node has a folder yet. Add the first one.', { to: '/' }), ...conflicts]
  const seen = { ...standing, nameOf: namesFor(standing.nodes) }
  const moving = [...behindOnes(seen, carrying), ...unsentOnes(seen, carrying)]
  const halts = haltedOnes(seen, carrying)
  const rest = [
    ...troubled(seen, carrying),
    ...(moving.length > 0 ? moving : lookingOnes(seen, carrying)),
    ...pausedOnes(seen, carrying),
  ]
  const isAmiss = halts.length + rest.length > 0
  return isAmiss ? [...halts, ...conflicts, ...rest] : [plain(`${sameEverywhere(seen, carrying)}.`), ...conflicts]
}

interface Seen extends Standing {
  nameOf(node: NodeView): string
}

function namesFor(nodes: readonly NodeView[]): (node: NodeView) => string {
  const names = nodeNames(nodes)
  return ({ id, name }) => isolated(names.get(id) ?? name)
}

function plain(text: string, at?: SummaryPlace): SummaryPart {
  return { text, tone: 'plain', ...(at !== undefined && { at }) }
}

/** One node is looked at by itself, several in the list. */
function placeOf(nodes: readonly NodeView[]): SummaryPlace {
  const [first] = nodes
  return nodes.length === 1 && first !== undefined ? { to: '/', search: { node: first.id } } : { to: '/' }
}

function haltedOnes(seen: Seen, carrying: readonly NodeView[]): SummaryPart[] {
  const at: SummaryPlace = { to: '/', hash: 'halts' }
  const isHalted = ({ report }: MembershipView): boolean => report?.state === 'halted'
  const halted = carrying.filter(({ folders }) => folders.some(isHalted))
  const told = halted.map((node): SummaryPart => {
    const where = node.folders.filter(isHalted)
    const removed = where.reduce((total, { report }) => total + (report?.halted?.removed ?? 0), 0)
    const what = removed === 0 ? 'has halted' : `holds back the removal of ${plural(removed, 'entry', 'entries')}`
    return { text: `${seen.nameOf(node)} ${what} in ${foldersOf(seen, where)} and waits for you.`, tone: 'halted', at }
  })
  if (told.length > 2) {
    return [{ text: `${namesOf(seen, halted)} hold back removals and wait for you.`, tone: 'halted', at }]
  }
  if (told.length > 0) return told
  const held = seen.folders?.filter((folder) => folder.halted !== null) ?? []
  if (held.length === 0) return []
  const names = listOf(held.map(({ name }) => isolated(name)))
  return [{ text: `A removal is held back in ${names} and waits for you.`, tone: 'halted', at }]
}

function openConflicts({ folders = [] }: Standing): SummaryPart[] {
  const having = folders.filter(({ openConflicts: open }) => open > 0)
  return having.map(({ id, name, openConflicts: open }) => {
    const where = folders.length > 1 ? ` in ${isolated(name)}` : ''
    return {
      text: `${plural(open, 'conflict')} ${open === 1 ? 'waits' : 'wait'} for you${where}.`,
      tone: 'attention',
      at: { to: '/', search: { folder: id, view: 'conflicts' } },
    }
  })
}

function behindOnes(seen: Seen, carrying: readonly NodeView[]): SummaryPart[] {
  // What a node keeps though it was deleted elsewhere is told as a halt.
  const isBehind = ({ behind, paused, report }: MembershipView): boolean =>
    (behind ?? 1) > 0 && !paused && report?.halted?.held?.from !== 'elsewhere'
  const behind = carrying.filter(({ folders }) => folders.some(isBehind))
  const [first] = behind
  if (first === undefined) return []
  const at = placeOf(behind)
  const left = sum(behind, bytesLeft)
  const toGo = left > 0 ? `, ${bytes(left)} to go` : ''
  if (behind.length > 1) {
    const who = `${behind.length} of ${plural(carrying.length, 'node')} are behind: ${namesOf(seen, behind)}`
    return [plain(`${who}${toGo}.`, at)]
  }
  const where = first.folders.filter(isBehind)
  const name = seen.nameOf(first)
  const changes = `${changesBehind(where)} behind in ${foldersOf(seen, where)}`
  if (!first.online) return [plain(`${name} is offline, ${changes}.`, at)]
  return [plain(`${name} is ${changes}${toGo}${timeLeft(where)}.`, at)]
}

function unsentOnes(seen: Seen, carrying: readonly NodeView[]): SummaryPart[] {
  const having = carrying.filter((node) => unsentOf(node) > 0)
  if (having.length === 0) return []
  const changes = plural(sum(having, unsentOf), 'unsent change')
  return [plain(`${namesOf(seen, having)} ${having.length === 1 ? 'has' : 'have'} ${changes}.`, placeOf(having))]
}

/** Whether a node that looks through a folder has anything to send, it does not know yet. */
function lookingOnes(seen: Seen, carrying: readonly NodeView[]): SummaryPart[] {
  const isLooking = ({ report, paused }: MembershipView): boolean => report?.state === 'scanning' && !paused
  const looking = carrying.filter(({ folders }) => folders.some(isLooking))
  const [first] = looking
  if (first === undefined) return []
  const at = placeOf(looking)
  if (looking.length > 1) return [plain(`${namesOf(seen, looking)} are looking through their folders.`, at)]
  return [plain(`${seen.nameOf(first)} is looking through ${foldersOf(seen, first.folders.filter(isLooking))}.`, at)]
}

function pausedOnes(seen: Seen, carrying: readonly NodeView[]): SummaryPart[] {
  const isPaused = ({ paused, behind }: MembershipView): boolean => paused && (behind ?? 1) > 0
  const paused = carrying.filter(({ folders }) => folders.some(isPaused))
  const [first] = paused
  if (first === undefined) return []
  const at = placeOf(paused)
  if (paused.length > 1) return [plain(`${namesOf(seen, paused)} are paused and behind.`, at)]
  const where = first.folders.filter(isPaused)
  return [plain(`${seen.nameOf(first)} is paused in ${foldersOf(seen, where)}, ${changesBehind(where)} behind.`, at)]
}

function troubled(seen: Seen, carrying: readonly NodeView[]): SummaryPart[] {
  const having = carrying.filter((node) => problemsOf(node) > 0)
  if (having.length === 0) return []
  const problems = plural(sum(having, problemsOf), 'problem')
  const text = `${namesOf(seen, having)} ${having.length === 1 ? 'has' : 'have'} ${problems}.`
  return [{ text, tone: 'attention', at: { to: '/monitor', hash: 'problems-title' } }]
}

function sameEverywhere(seen: Seen, carrying: readonly NodeView[]): string {
  const carried = new Set(carrying.flatMap((node) => node.folders.map(({ folder }) => folder)))
  const known = seen.folders?.filter(({ id }) => carried.has(id))
  return holders(seen, carrying, carried.size, known && held(known, carried.size))
}

function holders(seen: Seen, carrying: readonly NodeView[], folders: number, what: string | undefined): string {
  const [first] = carrying
  const online = carrying.filter((node) => node.online)
  const away = carrying.filter((node) => !node.online)
  if (online.length === 0) {
    return carrying.length === 1
      ? `${first && seen.nameOf(first)} is offline. It held everything when it was last seen`
      : `${allOf(carrying)} are offline. They held everything when they were last seen`
  }
  const offline = away.length === 0 ? '' : `; ${namesOf(seen, away)} ${away.length === 1 ? 'is' : 'are'} offline`
  const [only] = online
  if (online.length === 1 && only !== undefined)
    return `${seen.nameOf(only)} holds ${what === undefined ? 'everything' : `all ${what}`}${offline}`
  const who = away.length === 0 ? allOf(online) : `The ${online.length} nodes that are online`
  const isAlike = online.every((node) => node.folders.length === folders)
  if (!isAlike) return `${who} are up to date${what === undefined ? '' : `: ${what}`}${offline}`
  return `${who} hold the same${what === undefined ? '' : ` ${what}`}${offline}`
}

function allOf({ length }: readonly NodeView[]): string {
  return length === 2 ? 'Both nodes' : `All ${length} nodes`
}

function held(folders: readonly FolderView[], carried: number): string {
  const files = folders.reduce((total, { counts }) => total + counts.files, 0)
  const size = folders.reduce((total, { counts }) => total + counts.bytes, 0)
  return `${plural(files, 'file')} (${bytes(size)})${carried > 1 ? ` in ${plural(carried, 'folder')}` : ''}`
}

function bytesLeft({ folders }: NodeView): number {
  return folders.reduce((total, { report }) => {
    const transfer = report?.transfer
    return total + (transfer ? Math.max(0, transfer.bytesTotal - transfer.bytes) : 0)
  }, 0)
}

/** As the node itself reckons it: only where that is more than a moment. */
function timeLeft(where: readonly MembershipView[]): string {
  const seconds = Math.max(0, ...where.map(({ report }) => report?.secondsLeft ?? 0))
  return seconds < 2 ? '' : `, ${estimate(seconds)} left`
}

function changesBehind(where: readonly MembershipView[]): string {
  if (where.some(({ behind }) => behind === null)) return 'over 10,000 changes'
  return plural(
    where.reduce((total, { behind }) => total + (behind ?? 0), 0),
    'change',
  )
}

/** What a halt holds back is told with the halt. */
function unsentOf({ folders }: NodeView): number {
  return folders.reduce((total, { report }) => total + (report?.state === 'halted' ? 0 : (report?.pendingUp ?? 0)), 0)
}

function foldersOf({ folders }: Standing, where: readonly MembershipView[]): string {
  return listOf(where.map(({ folder }) => isolated(folders?.find(({ id }) => id === folder)?.name ?? folder)))
}

function namesOf(seen: Seen, nodes: readonly NodeView[]): string {
  return listOf(nodes.map((node) => seen.nameOf(node)))
}

function sum(nodes: readonly NodeView[], of: (node: NodeView) => number): number {
  return nodes.reduce((total, node) => total + of(node), 0)
}
