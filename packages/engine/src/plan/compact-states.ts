import {
  LIMITS,
  entryIdOf,
  type Echoes,
  type EntryId,
  type EntryState,
  type KnownState,
  type NodeId,
  type Removals,
  type VersionVector,
} from '@causeway/protocol'
import { dotOfEntry } from '../entry-dot.ts'
import { toldState } from '../told-state.ts'
import { EMPTY_VECTOR, counterOf, includes, merge, vectorsEqual, withDot } from '../version-vector.ts'

/** States as they are told: those that must be in full, and shorter forms of the others. */
export interface CompactStates {
  readonly states: readonly EntryState[]
  readonly removals?: Removals
  readonly echoes?: Echoes
}

/** Who is told, and what it knows. */
export interface Audience {
  /** Whose own events need only be named; `null` where nobody's are. */
  readonly node: NodeId | null
  /** The folder's clock at the position up to which the audience has been told everything. */
  readonly seen: VersionVector
}

/**
 * Leaves out of states what the audience knows: of a delete all but which
 * entry fell, and of its own events all but that they stand. `states` come by
 * rising `seq`.
 */
export function compactStates(states: readonly EntryState[], audience: Audience): CompactStates {
  const compactor = createCompactor(audience)
  compactor.add(states)
  return compactor.told()
}

/** The same of states that come in pieces. */
export interface Compactor {
  /** The next ones, by rising `seq`. */
  add(states: readonly EntryState[]): void
  /** What is to be told of all that came so far. */
  told(): CompactStates
}

export function createCompactor({ node, seen }: Audience): Compactor {
  const removals = new RemovalRuns()
  const created = new CreatedRuns()
  const known: KnownState[] = []
  const inFull: EntryState[] = []

  function isInFull(state: EntryState): boolean {
    if (state.conflictOf !== undefined) return true
    if (state.deleted) return !removals.add(state, seen)
    if (node === null) return true
    if (created.add(state, node)) return false
    if (!isNewsOf(node, state, seen)) return true
    const { id, seq, placeVector, contentVector, existenceVector } = state
    known.push({ id, seq, placeVector, contentVector, existenceVector })
    return false
  }

  return {
    add(states) {
      for (const state of states) if (isInFull(state)) inFull.push(toldState(state))
    },
    told: () => ({
      states: [...inFull],
      ...(removals.runs.length > 0 && { removals: { seen, nodes: [...removals.nodes], runs: [...removals.runs] } }),
      ...(created.runs.length + known.length > 0 && { echoes: { created: [...created.runs], known: [...known] } }),
    }),
  }
}

class RemovalRuns {
  readonly nodes: string[] = []
  readonly runs: number[] = []
  readonly #indexes = new Map<string, number>()

  /** False if the audience could not tell the tombstone from what it holds. */
  add(state: EntryState, seen: VersionVector): boolean {
    const { contentVector, placeVector, existenceVector } = state
    if (!includes(seen, contentVector) || !includes(seen, placeVector)) return false
    const author = Object.keys(existenceVector).find((node) => counterOf(existenceVector, node) > counterOf(seen, node))
    const id = dotOfEntry(state.id)
    if (author === undefined || id === undefined) return false
    const counter = counterOf(existenceVector, author)
    if (!vectorsEqual(existenceVector, existenceAfter(state, author, counter))) return false
    const run = {
      node: this.#indexOf(id.node),
      author: this.#indexOf(author),
      first: id.counter,
      seq: state.seq,
      counter,
    }
    this.#append(run, checksumOf(state))
    return true
  }

  #append({ node, first, seq, author, counter }: Omit<Run, 'count' | 'checksum'>, checksum: number): void {
    const { runs } = this
    const last = runs.length > 0 ? runAt(runs, runs.length - RUN) : undefined
    const isNext =
      last?.node === node &&
      last.first - last.count === first &&
      last.seq + last.count === seq &&
      last.author === author &&
      last.counter === counter
    if (!isNext) {
      runs.push(node, first, 1, seq, author, counter, checksum)
      return
    }
    runs[runs.length - RUN + 2] = last.count + 1
    runs[runs.length - 1] = (last.checksum + checksum) >>> 0
  }

  #indexOf(node: string): number {
    const known = this.#indexes.get(node)
    if (known !== undefined) return known
    this.#indexes.set(node, this.nodes.length)
    return this.nodes.push(node) - 1
  }
}

class CreatedRuns {
  readonly runs: number[] = []

  add(state: EntryState, node: NodeId): boolean {
    const id = dotOfEntry(state.id)
    if (id?.node !== node || !isFreshlyCreated(state, node, id.counter)) return false
    const [first = 0, firstSeq = 0, count = 0] = this.runs.slice(-CREATED)
    if (count > 0 && first + count === id.counter && firstSeq + count === state.seq) {
      this.runs[this.runs.length - 1] = count + 1
    } else {
      this.runs.push(id.counter, state.seq, 1)
    }
    return true
  }
}

/** The tombstones that removals name, of those entries that are held at all. */
export interface ExpandedRemovals {
  readonly tombstones: readonly EntryState[]
  /** False if some that are held are not held as the removals presume: nothing may be made of them then. */
  readonly isCertain: boolean
}

/** What a node has been told of an entry and not forgotten: pending, or in its base. */
export type HeldEntry = Pick<EntryState, 'parent' | 'name' | 'placeVector' | 'content' | 'contentVector'> & {
  readonly deleted?: boolean
  readonly conflictOf?: EntryId | undefined
}

const UNCERTAIN: ExpandedRemovals = { tombstones: [], isCertain: false }

/**
 * Only what a run names is ever a tombstone, and only if all of the run is
 * held in the very versions that fell; where nothing of it is held there is
 * nothing to delete.
 */
export function expandRemovals(removals: Removals, heldOf: (id: EntryId) => HeldEntry | undefined): ExpandedRemovals {
  const { seen, nodes, runs } = removals
  const tombstones: EntryState[] = []
  for (let at = 0; at + RUN <= runs.length; at += RUN) {
    const run = runAt(runs, at)
    const [creator, author] = [nodes[run.node], nodes[run.author]]
    if (creator === undefined || author === undefined) return UNCERTAIN
    let checksum = 0
    let found = 0
    for (let index = 0; index < run.count; index++) {
      const id = entryIdOf(creator as NodeId, run.first - index)
      const held = heldOf(id)
      if (held === undefined) continue
      const isAsTold = includes(seen, held.contentVector) && includes(seen, held.placeVector)
      if (!isAsTold || held.deleted === true || held.conflictOf !== undefined) return UNCERTAIN
      const tombstone = tombstoneOf(id, run.seq + index, held, existenceAfter(held, author, run.counter))
      tombstones.push(tombstone)
      checksum = (checksum + checksumOf(tombstone)) >>> 0
      found += 1
    }
    if (found > 0 && (found < run.count || checksum !== run.checksum)) return UNCERTAIN
  }
  return { tombstones, isCertain: true }
}

function tombstoneOf(id: EntryId, seq: number, held: HeldEntry, existenceVector: VersionVector): EntryState {
  const { parent, name, placeVector, content, contentVector } = held
  return { id, seq, parent, name, placeVector, content, contentVector, deleted: true, existenceVector }
}

interface Run {
  readonly node: number
  readonly first: number
  readonly count: number
  readonly seq: number
  readonly author: number
  readonly counter: number
  readonly checksum: number
}

function runAt(runs: readonly number[], at: number): Run {
  const [node = 0, first = 0, count = 0, seq = 0, author = 0, counter = 0, checksum = 0] = runs.slice(at, at + RUN)
  return { node, first, count, seq, author, counter, checksum }
}

/** FNV-1a over an entry's id and vectors: 32 bits that differ where the versions do. */
function checksumOf({ id, placeVector, contentVector, existenceVector }: KnownState): number {
  let sum = FNV_START
  const take = (text: string): void => {
    for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), FNV_PRIME)
  }
  take(id)
  for (const vector of [placeVector, contentVector, existenceVector]) {
    for (const node of Object.keys(vector).sort()) take(` ${node} ${counterOf(vector, node)}`)
    take('\n')
  }
  return sum >>> 0
}

const FNV_START = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** The versions that echoes name. */
export function expandEchoes({ created, known }: Echoes, node: NodeId): readonly KnownState[] {
  const states = [...known]
  for (let at = 0; at + CREATED <= created.length; at += CREATED) {
    const [first = 0, seq = 0, count = 0] = created.slice(at, at + CREATED)
    for (let index = 0; index < count; index++) {
      const vector = withDot(EMPTY_VECTOR, node, first + index)
      const id = entryIdOf(node, first + index)
      states.push({ id, seq: seq + index, placeVector: vector, contentVector: vector, existenceVector: EMPTY_VECTOR })
    }
  }
  return states
}

/** How many entries the runs name: to be checked against a bound before they are expanded. */
export function namedBy({
  removals,
  echoes,
}: {
  readonly removals?: Removals | undefined
  readonly echoes?: Echoes | undefined
}): number {
  let total = 0
  const runs = removals?.runs ?? []
  for (let at = 2; at < runs.length; at += RUN) total += runs[at] ?? 0
  const created = echoes?.created ?? []
  for (let at = 2; at < created.length; at += CREATED) total += created[at] ?? 0
  return total
}

/**
 * True if a batch may carry all of this: no list holds more than `most`
 * entries, and none is longer than its schema allows. Both ends refuse what
 * is longer, so whoever makes a batch must ask first.
 */
export function fitsBatch(told: CompactStates, most: number): boolean {
  const { states, removals, echoes } = told
  return (
    states.length <= most &&
    (echoes?.known.length ?? 0) <= most &&
    (echoes?.created.length ?? 0) <= LIMITS.runNumbers &&
    (removals?.nodes.length ?? 0) <= LIMITS.nodesPerRemovals &&
    (removals?.runs.length ?? 0) <= LIMITS.runNumbers &&
    namedBy(told) <= LIMITS.namedPerBatch
  )
}

const RUN = 7
const CREATED = 3

/** What a delete makes of the existence of an entry that was never deleted before. */
function existenceAfter(
  { contentVector, placeVector }: Pick<EntryState, 'contentVector' | 'placeVector'>,
  author: string,
  counter: number,
): VersionVector {
  return withDot(merge(contentVector, placeVector), author as NodeId, counter)
}

function isFreshlyCreated(state: EntryState, node: NodeId, counter: number): boolean {
  return (
    isOneDot(state.contentVector, node, counter) &&
    isOneDot(state.placeVector, node, counter) &&
    Object.keys(state.existenceVector).length === 0
  )
}

function isOneDot(vector: VersionVector, node: NodeId, counter: number): boolean {
  return counterOf(vector, node) === counter && Object.keys(vector).length === 1
}

/** True if all that the audience has not seen of a state is the node's own doing. */
function isNewsOf(
  node: NodeId,
  { contentVector, placeVector, existenceVector }: EntryState,
  seen: VersionVector,
): boolean {
  const all = merge(merge(contentVector, placeVector), existenceVector)
  return counterOf(all, node) > counterOf(seen, node) && includes(withDot(seen, node, counterOf(all, node)), all)
}
