import {
  COORDINATOR_ID,
  DECISION_ID,
  LIMITS,
  ROOT_ID,
  entryIdOf,
  type Decision,
  type EntryId,
  type EntryState,
  type EventKind,
  type NodeId,
  type Place,
  type VersionVector,
} from '@causeway/protocol'
import { counterOf, merge, withDot, withoutDecisions } from '../version-vector.ts'
import type { ChangedRegister, CommitWrites, NewEvent, NewVersion } from './decision.ts'
import { placeKey, type FolderSnapshot, type Needs } from './folder-snapshot.ts'

/** One event about to be noted; the tree knows the rest. */
export interface EventNote {
  readonly kind: EventKind
  readonly entry: EntryState | null
  readonly pathBefore?: string
  readonly decision: Decision
  readonly reason: string
  readonly seq: number
  readonly entries?: number
}

/** No walk towards the root goes on for longer. Trees from before depth was checked may be deeper than they may become. */
const MOST_STEPS = 4 * LIMITS.depth

export interface Author {
  readonly node: NodeId
  readonly counter: number
}

/**
 * The folder while a commit is being decided: the snapshot's rows under the
 * changes made so far. It takes down what to write, and which rows it was
 * asked for but never given: while `needs` is not empty, whatever was decided
 * is thrown away.
 */
export class WorkingTree {
  readonly #snapshot: FolderSnapshot
  readonly #entries = new Map<EntryId, EntryState>()
  readonly #places = new Map<string, EntryId | null>()
  /** Directories of this very commit: they hold nothing but what came after them. */
  readonly #born = new Set<EntryId>()
  readonly #aliases = new Map<EntryId, EntryId>()
  readonly #versions: NewVersion[] = []
  readonly #events: NewEvent[] = []
  #broughtBytes = 0
  readonly #conflicts: { copy: EntryId; rival: EntryId }[] = []
  readonly #settled: { entry: EntryId; how: string }[] = []
  readonly #vacated = new Set<EntryId>()
  readonly #neededEntries = new Set<EntryId>()
  readonly #neededPlaces = new Map<string, Place>()
  readonly #neededSubtrees = new Set<EntryId>()
  readonly #neededBuried = new Set<EntryId>()
  readonly #neededCopies = new Set<EntryId>()
  readonly #neededLevels = new Set<EntryId>()
  #head: number
  #liveBytes: number
  #clock: VersionVector
  #authorClock: VersionVector
  halted: string | null = null
  resumed = false

  constructor(snapshot: FolderSnapshot, authorClock: VersionVector) {
    this.#snapshot = snapshot
    this.#head = snapshot.folder.head
    this.#liveBytes = snapshot.liveBytes
    this.#clock = snapshot.folder.clock
    this.#authorClock = authorClock
  }

  /** The last log position so far. */
  get head(): number {
    return this.#head
  }

  /** What the live files are together by now. */
  get liveBytes(): number {
    return this.#liveBytes
  }

  /** What this commit has brought by now, where that is counted. */
  get broughtBytes(): number {
    return this.#broughtBytes
  }

  get clock(): VersionVector {
    return this.#clock
  }

  /** The id an id stands for, once creates of the same thing were joined. */
  resolve(id: EntryId): EntryId {
    const passed = new Set<EntryId>()
    for (let at = id; ; passed.add(at)) {
      const next = this.#aliases.get(at) ?? this.#snapshot.rows.aliases.get(at)
      if (next === undefined || passed.has(next)) return at
      at = next
    }
  }

  entry(id: EntryId): EntryState | undefined {
    const real = this.resolve(id)
    const changed = this.#entries.get(real)
    if (changed !== undefined) return changed
    const loaded = this.#snapshot.rows.entries.get(real)
    if (loaded === undefined) this.#neededEntries.add(real)
    return loaded ?? undefined
  }

  /** The live entry at a place. */
  at(place: Place): EntryState | undefined {
    const key = placeKey(place)
    const changed = this.#places.get(key)
    if (changed !== undefined) return changed === null ? undefined : this.entry(changed)
    if (this.#born.has(place.parent)) return undefined
    const loaded = this.#snapshot.rows.places.get(key)
    if (loaded === undefined) this.#neededPlaces.set(key, place)
    return loaded === undefined || loaded === null ? undefined : this.entry(loaded.id)
  }

  /** All live entries below a directory, parents first. */
  below(id: EntryId): readonly EntryState[] {
    const loaded = this.#snapshot.rows.subtrees.get(id)
    if (loaded === undefined) this.#neededSubtrees.add(id)
    return this.#family(id, loaded ?? []).filter((state) => !state.deleted)
  }

  /**
   * All below an entry, parents first, with what the deletes that reached the
   * entry have buried there. Where none did, nothing is looked for that is dead.
   */
  belowAndBuried(entry: EntryState): readonly EntryState[] {
    const live = this.below(entry.id)
    if ((entry.reachedBy ?? []).length === 0) return live
    const loaded = this.#snapshot.rows.buried.get(entry.id)
    if (loaded === undefined) this.#neededBuried.add(entry.id)
    return this.#family(entry.id, [...live, ...(loaded ?? [])])
  }

  /** Live conflict copies that stand against an entry. */
  copiesOf(id: EntryId): readonly EntryState[] {
    return this.#allCopiesOf(id).filter(({ deleted }) => !deleted)
  }

  /** Other versions of an entry that stood beside it and were deleted. */
  deadVersionsOf(id: EntryId): readonly EntryState[] {
    return this.#allCopiesOf(id).filter(({ deleted, bytesVector }) => deleted && bytesVector !== undefined)
  }

  #allCopiesOf(id: EntryId): readonly EntryState[] {
    const loaded = this.#snapshot.rows.copies.get(id)
    if (loaded === undefined) this.#neededCopies.add(id)
    const candidates = new Map((loaded ?? []).map((state) => [state.id, state]))
    for (const changed of this.#entries.values()) candidates.set(changed.id, changed)
    return [...candidates.values()].filter(({ conflictOf }) => conflictOf === id)
  }

  /** What lies below an entry by now, out of these rows and all that this commit changed. */
  #family(id: EntryId, rows: readonly EntryState[]): readonly EntryState[] {
    const newest = new Map(rows.map((state) => [state.id, state]))
    for (const changed of this.#entries.values()) newest.set(changed.id, changed)
    const children = new Map<EntryId, EntryState[]>()
    for (const row of newest.values()) {
      const siblings = children.get(row.parent)
      if (siblings === undefined) children.set(row.parent, [row])
      else siblings.push(row)
    }
    const found: EntryState[] = []
    const seen = new Set<EntryId>([id])
    for (let level: readonly EntryId[] = [id]; level.length > 0;) {
      const next = level.flatMap((parent) => children.get(parent) ?? []).filter((state) => !seen.has(state.id))
      for (const state of next) seen.add(state.id)
      found.push(...next)
      level = next.map((state) => state.id)
    }
    return found
  }

  /** How many directories lie below a directory, one in another. What this commit changed below it does not count yet. */
  levelsBelow(id: EntryId): number {
    const levels = this.#snapshot.rows.levels.get(id)
    if (levels === undefined && !this.#born.has(id)) this.#neededLevels.add(id)
    return levels ?? 0
  }

  isBelow(id: EntryId, directory: EntryId): boolean {
    let at: EntryId = id
    for (let steps = 0; at !== ROOT_ID && steps < MOST_STEPS; steps++) {
      if (this.resolve(at) === directory) return true
      const state = this.entry(at)
      if (state === undefined) return false
      at = state.parent
    }
    return false
  }

  /** How many names lead to an entry; 0 for the root. */
  depthOf(id: EntryId): number {
    return this.above(id).length
  }

  pathOf(state: Place): string {
    const above = this.above(state.parent).map(({ name }) => name)
    return [...above.reverse(), state.name].join('/')
  }

  /** An entry and all directories above it, as far as they are known. */
  above(id: EntryId): readonly EntryState[] {
    const above: EntryState[] = []
    for (let at = id; at !== ROOT_ID && above.length < MOST_STEPS;) {
      const state = this.entry(at)
      if (state === undefined) break
      above.push(state)
      at = state.parent
    }
    return above
  }

  /** The vector after a decision of the coordinator's own: another version, and nobody's event. */
  decided(vector: VersionVector): VersionVector {
    const counter = counterOf(this.#clock, DECISION_ID) + 1
    this.#clock = withDot(this.#clock, DECISION_ID, counter)
    return withDot(vector, DECISION_ID, counter)
  }

  /** Takes the next event of the coordinator itself, for what it decides beyond what was asked. */
  ownAuthor(): Author {
    const counter = counterOf(this.#clock, COORDINATOR_ID) + 1
    this.#clock = withDot(this.#clock, COORDINATOR_ID, counter)
    return { node: COORDINATOR_ID, counter }
  }

  /** Takes note that a node's event happened. */
  witness(author: Author): void {
    this.#clock = withDot(this.#clock, author.node, author.counter)
    this.#authorClock = withDot(this.#authorClock, author.node, author.counter)
  }

  /** Folds in what an offered state had seen. */
  absorb(vector: VersionVector): void {
    this.#clock = merge(this.#clock, vector)
  }

  /** The directories that something left since this was asked last. */
  takeVacated(): readonly EntryId[] {
    const vacated = [...this.#vacated]
    this.#vacated.clear()
    return vacated
  }

  /** Gives an entry its new state at the next log position. */
  put(state: Omit<EntryState, 'seq'>, registers: readonly ChangedRegister[], author: Author): EntryState {
    const before = this.#entries.get(state.id) ?? this.#snapshot.rows.entries.get(state.id) ?? undefined
    if (before !== undefined && !before.deleted) {
      this.#places.set(placeKey(before), null)
      if (state.deleted || state.parent !== before.parent) this.#vacated.add(before.parent)
    }
    if (
      before === undefined &&
      state.content.kind === 'directory' &&
      state.id === entryIdOf(author.node, author.counter)
    ) {
      this.#born.add(state.id)
    }
    this.#liveBytes += liveBytesOf(state) - (before === undefined ? 0 : liveBytesOf(before))
    this.#head += 1
    const next: EntryState = { ...state, seq: this.#head }
    this.#entries.delete(next.id)
    this.#entries.set(next.id, next)
    if (!next.deleted) this.#places.set(placeKey(next), next.id)
    this.#versions.push({ state: next, registers, node: author.node, counter: author.counter })
    return next
  }

  note(author: Author, note: EventNote): void {
    const own = author.node === COORDINATOR_ID
    const { entry } = note
    this.#events.push({
      folder: this.#snapshot.folder.id,
      node: author.node,
      counter: author.counter,
      clock: withDot(withoutDecisions(own ? this.#clock : this.#authorClock), author.node, author.counter),
      kind: note.kind,
      entry: entry?.id ?? null,
      path: entry === null ? null : this.pathOf(entry),
      pathBefore: note.pathBefore ?? null,
      decision: note.decision,
      reason: note.reason,
      seq: note.seq,
      entries: note.entries ?? 1,
      sizeBytes: entry?.content.kind === 'file' ? entry.content.size : null,
      at: this.#snapshot.at,
    })
  }

  /** Counts what an operation brought, with the event that was just noted of it. */
  brought(author: Author, bytes: number): void {
    const at = this.#events.findLastIndex(({ node, counter }) => node === author.node && counter === author.counter)
    const event = this.#events[at]
    if (event === undefined) return
    this.#events[at] = { ...event, broughtBytes: bytes }
    this.#broughtBytes += bytes
  }

  alias(alias: EntryId, entry: EntryId): void {
    // Two that stand for one another would stand for nothing.
    if (this.resolve(entry) === this.resolve(alias)) return
    this.#aliases.set(alias, entry)
  }

  openConflict(copy: EntryId, rival: EntryId): void {
    this.#conflicts.push({ copy, rival })
  }

  settle(entry: EntryId, how: string): void {
    this.#settled.push({ entry, how })
  }

  get needs(): Needs | null {
    const needs = {
      entries: [...this.#neededEntries],
      places: [...this.#neededPlaces.values()],
      subtrees: [...this.#neededSubtrees],
      buried: [...this.#neededBuried],
      copies: [...this.#neededCopies],
      levels: [...this.#neededLevels],
    }
    return Object.values(needs).every(({ length }) => length === 0) ? null : needs
  }

  get writes(): CommitWrites {
    return {
      head: this.#head,
      clock: this.#clock,
      states: [...this.#entries.values()],
      versions: this.#versions,
      events: this.#events,
      aliases: [...this.#aliases].map(([alias, entry]) => ({ alias, entry })),
      conflicts: this.#conflicts,
      settled: this.#settled,
      halted: this.halted,
      resumed: this.resumed,
    }
  }
}

/** What an entry adds to its folder. */
export function liveBytesOf({ deleted, content }: Pick<EntryState, 'deleted' | 'content'>): number {
  return deleted || content.kind !== 'file' ? 0 : content.size
}
