import type { FolderView, MembershipView, NodeView } from '@causeway/protocol'
import type { Connection } from '../live/live-state.ts'
import { bytes, estimate, plural } from '../parts/format.ts'

/** What the sentence is made from. */
export interface Standing {
  readonly connection: Connection
  readonly nodes: readonly NodeView[]
  /** Undefined until it is known; the sentence then does without counts. */
  readonly folders: readonly FolderView[] | undefined
}

/**
 * Says in words how the fleet stands, the worst first. Nodes that were only registered, and carry nothing, do not
 * count.
 */
export function truthOf(standing: Standing): string {
  if (standing.connection === 'connecting') return 'Asking the coordinator how things stand …'
  const carrying = standing.nodes.filter(({ folders, revoked }) => folders.length > 0 && !revoked)
  if (carrying.length === 0) return 'No node carries a folder yet. Add the first one.'
  return (
    haltedOnes(standing, carrying) ??
    together([behindOnes(standing, carrying), unsentOnes(carrying)]) ??
    lookingOnes(standing, carrying) ??
    pausedOnes(standing, carrying) ??
    troubled(carrying) ??
    sameEverywhere(standing, carrying)
  )
}

function haltedOnes(standing: Standing, carrying: readonly NodeView[]): string | undefined {
  const halted = carrying.filter(({ folders }) => folders.some(({ report }) => report?.state === 'halted'))
  const [first] = halted
  if (first === undefined) return undefined
  if (halted.length > 1) return `${namesOf(halted)} have halted and wait for you: see Settings.`
  const where = first.folders.filter(({ report }) => report?.state === 'halted')
  return `${first.name} has halted in ${foldersOf(standing, where)} and waits for you: see Settings.`
}

function behindOnes(standing: Standing, carrying: readonly NodeView[]): string | undefined {
  const isBehind = ({ behind, paused }: MembershipView): boolean => (behind ?? 1) > 0 && !paused
  const behind = carrying.filter(({ folders }) => folders.some(isBehind))
  const [first] = behind
  if (first === undefined) return undefined
  const left = sum(behind, bytesLeft)
  const toGo = left > 0 ? `, ${bytes(left)} to go` : ''
  if (behind.length > 1) {
    return `${behind.length} of ${plural(carrying.length, 'node')} are behind: ${namesOf(behind)}${toGo}.`
  }
  const where = first.folders.filter(isBehind)
  const changes = `${changesBehind(where)} behind in ${foldersOf(standing, where)}`
  if (!first.online) return `${first.name} is offline, ${changes}.`
  return `${first.name} is ${changes}${toGo}${timeLeft(where)}.`
}

function unsentOnes(carrying: readonly NodeView[]): string | undefined {
  const having = carrying.filter((node) => unsentOf(node) > 0)
  const [first] = having
  if (first === undefined) return undefined
  const changes = plural(sum(having, unsentOf), 'unsent change')
  return having.length === 1 ? `${first.name} has ${changes}.` : `${namesOf(having)} have ${changes}.`
}

/** Whether a node that looks through a folder has anything to send, it does not know yet. */
function lookingOnes(standing: Standing, carrying: readonly NodeView[]): string | undefined {
  const isLooking = ({ report, paused }: MembershipView): boolean => report?.state === 'scanning' && !paused
  const looking = carrying.filter(({ folders }) => folders.some(isLooking))
  const [first] = looking
  if (first === undefined) return undefined
  if (looking.length > 1) return `${namesOf(looking)} are looking through their folders.`
  return `${first.name} is looking through ${foldersOf(standing, first.folders.filter(isLooking))}.`
}

function together(sentences: readonly (string | undefined)[]): string | undefined {
  const said = sentences.filter((sentence) => sentence !== undefined)
  return said.length === 0 ? undefined : said.join(' ')
}

function pausedOnes(standing: Standing, carrying: readonly NodeView[]): string | undefined {
  const isPaused = ({ paused, behind }: MembershipView): boolean => paused && (behind ?? 1) > 0
  const paused = carrying.filter(({ folders }) => folders.some(isPaused))
  const [first] = paused
  if (first === undefined) return undefined
  if (paused.length > 1) return `${namesOf(paused)} are paused and behind; the others hold everything.`
  const where = first.folders.filter(isPaused)
  return `${first.name} is paused in ${foldersOf(standing, where)}, ${changesBehind(where)} behind.`
}

function troubled(carrying: readonly NodeView[]): string | undefined {
  const having = carrying.filter((node) => problemsOf(node) > 0)
  const [first] = having
  if (first === undefined) return undefined
  const problems = plural(sum(having, problemsOf), 'problem')
  const who = having.length === 1 ? `${first.name} has` : `${namesOf(having)} have`
  return `${who} ${problems}: see Sync Monitor.`
}

function sameEverywhere({ folders }: Standing, carrying: readonly NodeView[]): string {
  const carried = new Set(carrying.flatMap((node) => node.folders.map(({ folder }) => folder)))
  const known = folders?.filter(({ id }) => carried.has(id))
  const conflicts = known?.reduce((total, { openConflicts }) => total + openConflicts, 0) ?? 0
  const more = conflicts === 0 ? '' : ` ${plural(conflicts, 'conflict')} ${conflicts === 1 ? 'waits' : 'wait'} for you.`
  return `${holders(carrying, carried.size, known && held(known, carried.size))}.${more}`
}

function holders(carrying: readonly NodeView[], folders: number, what: string | undefined): string {
  const [first] = carrying
  const online = carrying.filter((node) => node.online)
  const away = carrying.filter((node) => !node.online)
  if (online.length === 0) {
    return carrying.length === 1
      ? `${first?.name} is offline. It held everything when it was last seen`
      : `${allOf(carrying)} are offline. They held everything when they were last seen`
  }
  const offline = away.length === 0 ? '' : `; ${namesOf(away)} ${away.length === 1 ? 'is' : 'are'} offline`
  if (online.length === 1)
    return `${online[0]?.name} holds ${what === undefined ? 'everything' : `all ${what}`}${offline}`
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

function unsentOf({ folders }: NodeView): number {
  return folders.reduce((total, { report }) => total + (report?.pendingUp ?? 0), 0)
}

function problemsOf({ folders }: NodeView): number {
  return folders.reduce((total, { report }) => total + (report?.problems.length ?? 0), 0)
}

function foldersOf({ folders }: Standing, where: readonly MembershipView[]): string {
  return listOf(where.map(({ folder }) => folders?.find(({ id }) => id === folder)?.name ?? folder))
}

function namesOf(nodes: readonly NodeView[]): string {
  return listOf(nodes.map(({ name }) => name))
}

function listOf(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

function sum(nodes: readonly NodeView[], of: (node: NodeView) => number): number {
  return nodes.reduce((total, node) => total + of(node), 0)
}
