import { createHash, hash as hashOf } from 'node:crypto'
import {
  DigestSums,
  NO_ROWS,
  bucketOf,
  compactStates,
  contentOf,
  counterOf,
  counterAfterSetBack,
  decideCommit,
  entryDigest,
  liveBytesOf,
  placeKey,
  type Audience,
  type CommitWrites,
  type FolderSnapshot,
  type Needs,
  type NewVersion,
  type SetBack,
  type SnapshotRows,
} from '@causeway/engine'
import {
  asChunk,
  COORDINATOR_ID,
  DECISION_ID,
  ROOT_ID,
  SyncError,
  decodeManifest,
  singleChunkManifest,
  type Access,
  type ChangeBatch,
  type ChangesRequest,
  type CommitRequest,
  type CommitResponse,
  type Cursor,
  type DigestEntriesRequest,
  type DigestEntriesResponse,
  type DigestRequest,
  type DigestResponse,
  type EntryId,
  type EntryState,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type HistoryEvent,
  type Manifest,
  type NamedBytes,
  type NodeId,
  type Operation,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'

interface Saved {
  readonly states: ReadonlyMap<EntryId, EntryState>
  readonly aliases: ReadonlyMap<EntryId, EntryId>
  readonly marks: readonly { seq: number; tag: string; clock: VersionVector }[]
  readonly clock: VersionVector
  readonly head: number
  readonly outcomes: ReadonlyMap<string, Told>
}

/** What was answered to what. */
interface Told {
  readonly operation: string
  readonly outcome: Outcome
}

/**
 * One folder's coordinator in memory: the real decision over plain maps. No
 * disk, no clock of its own, no sockets; the same calls give the same result.
 */
export class MemoryFolder {
  readonly id = 'test' as FolderId
  readonly events: HistoryEvent[] = []
  readonly versions: NewVersion[] = []
  readonly chunks = new Map<ChunkId, Uint8Array>()
  readonly manifests = new Map<ContentHash, Uint8Array>()
  #states = new Map<EntryId, EntryState>()
  #aliases = new Map<EntryId, EntryId>()
  #outcomes = new Map<string, Told>()
  #marks: { seq: number; tag: string; clock: VersionVector }[] = []
  #clock: VersionVector = {}
  #head = 0
  #tags = 0
  /** Positions of logs that were lost, whose loss is known by now. */
  readonly #lost = new Set<string>()
  #setBack: SetBack | null = null
  /** False for positions that prove nothing, as they were before they were signed. */
  signs = true
  /** Why no new bytes are taken; null while they are. */
  noRoom: string | null = null
  quotaBytes: number | null = null
  readonly #now: () => string
  readonly #listeners = new Map<(batch: ChangeBatch) => void, NodeId>()

  constructor(now: () => string) {
    this.#now = now
  }

  /** Hears every committed change at once, as a node that follows the folder does. Returns how to stop. */
  follow(node: NodeId, listener: (batch: ChangeBatch) => void): () => void {
    this.#listeners.set(listener, node)
    return () => this.#listeners.delete(listener)
  }

  get head(): number {
    return this.#head
  }

  /** An entry's state, live or deleted. */
  state(id: EntryId): EntryState | undefined {
    return this.#states.get(id)
  }

  /** The live entries with their paths. */
  paths(): ReadonlyMap<string, EntryState> {
    const paths = new Map<string, EntryState>()
    for (const state of this.#states.values()) if (!state.deleted) paths.set(this.pathOf(state), state)
    return paths
  }

  pathOf(state: EntryState): string {
    const parent = state.parent === ROOT_ID ? undefined : this.#states.get(state.parent)
    return parent === undefined ? state.name : `${this.pathOf(parent)}/${state.name}`
  }

  commit(node: { id: NodeId; name: string; access: Access }, request: CommitRequest): CommitResponse {
    if (this.noRoom === null) this.upload(request.contents.map(asChunk))
    for (const { content, chunks } of request.manifests) this.manifests.set(content, chunks)
    const key = (counter: number): string => `${node.id}.${counter}`
    const toldBefore = (operation: Operation): Outcome | undefined => {
      const told = this.#outcomes.get(key(operation.counter))
      return told?.operation === JSON.stringify(operation) ? told.outcome : undefined
    }
    const before = new Map(request.operations.map((operation) => [operation, toldBefore(operation)]))
    const fresh = request.operations.filter((operation) => before.get(operation) === undefined)
    const { outcomes, writes } = this.#decide(node, { ...request, operations: fresh })
    this.#write(writes)
    fresh.forEach((operation, index) => {
      const outcome = outcomes[index]
      if (outcome === undefined || outcome.kind === 'refused') return
      this.#outcomes.set(key(operation.counter), { operation: JSON.stringify(operation), outcome })
    })
    const answers = new Map(fresh.map((operation, index) => [operation, outcomes[index]]))
    const receipt = this.#marks.at(-1)
    return {
      outcomes: request.operations.flatMap((operation) => before.get(operation) ?? answers.get(operation) ?? []),
      ...(receipt !== undefined && { receipt: { epoch: 'one', seq: receipt.seq, tag: receipt.tag } }),
    }
  }

  /** Told in full where nobody is named to whom it is told. */
  changes({ cursor, limit, full = false, proof }: ChangesRequest, node?: NodeId): ChangeBatch {
    const shown = proof === undefined ? [cursor] : [cursor, proof]
    const lost = shown.filter((one) => !this.#holds(one))
    if (this.signs && lost.some((one) => !this.#lost.has(keyOf(one)))) this.noticeSetBack()
    for (const one of lost) this.#lost.add(keyOf(one))
    const known = lost.length === 0
    const after = known ? cursor.seq : 0
    const due = [...this.#states.values()].filter((state) => state.seq > after).sort((a, b) => a.seq - b.seq)
    const boundary = due.length <= limit ? this.#head : this.#boundaryFor(due, limit)
    const mark = this.#marks.findLast((candidate) => candidate.seq <= boundary)
    const states = due.filter((state) => state.seq <= boundary)
    const seen = this.#marks.findLast((candidate) => candidate.seq === after)?.clock ?? {}
    return {
      folder: this.id,
      reset: !known,
      ...(this.#setBack !== null && { setBack: true }),
      after,
      cursor: { epoch: 'one', seq: boundary, tag: mark?.tag ?? '' },
      head: this.#head,
      clock: mark?.clock ?? {},
      counted: deletedBy(this.events.filter(({ seq, entries }) => seq > after && seq - entries < boundary)),
      ...(full || !known || node === undefined ? { states } : told(states, { node, seen })),
      contents: [],
    }
  }

  /** Sums over what is live, from scratch. */
  digest(): DigestSums {
    const sums = new DigestSums()
    for (const state of this.#states.values()) {
      if (!state.deleted) sums.add(state.parent, entryDigest(sha256, state))
    }
    return sums
  }

  compareDigest({ cursor, whole }: DigestRequest): DigestResponse {
    if (cursor.seq !== this.#head || (this.#marks.at(-1)?.tag ?? '') !== cursor.tag) return { kind: 'not-now' }
    const sums = this.digest()
    return Buffer.compare(sums.whole(), whole) === 0 ? { kind: 'equal' } : { kind: 'differs', sums: sums.toBytes() }
  }

  /** All in one page. */
  digestEntries({ buckets }: DigestEntriesRequest): DigestEntriesResponse {
    const states = [...this.#states.values()].filter((state) => {
      return !state.deleted && buckets.includes(bucketOf(state.parent))
    })
    const digests = Buffer.concat(states.map((state) => entryDigest(sha256, state)))
    return { entries: states.map(({ id }) => id), digests, next: null }
  }

  entries(ids: readonly EntryId[]): readonly EntryState[] {
    return ids.flatMap((id) => this.#states.get(id) ?? [])
  }

  missing(hashes: readonly ChunkId[]): readonly ChunkId[] {
    return hashes.filter((hash) => !this.chunks.has(hash))
  }

  upload(chunks: readonly NamedBytes[]): void {
    for (const { hash, bytes } of chunks) {
      const actual = createHash('sha256').update(bytes).digest('hex')
      if (actual !== hash) throw new SyncError('chunk-corrupt', `chunk ${hash} has other bytes`)
      this.chunks.set(hash, Uint8Array.from(bytes))
    }
  }

  manifest(content: ContentHash): Manifest {
    const bytes = this.manifests.get(content)
    if (bytes === undefined) throw new SyncError('chunk-missing', `no manifest of ${content}`)
    return decodeManifest(bytes)
  }

  /** What a backup of now would hold. Chunks are never set back. */
  save(): Saved {
    return {
      states: new Map(this.#states),
      aliases: new Map(this.#aliases),
      marks: [...this.#marks],
      clock: this.#clock,
      head: this.#head,
      outcomes: new Map(this.#outcomes),
    }
  }

  /** Goes back to an older backup. */
  restore(saved: Saved): void {
    this.#states = new Map(saved.states)
    this.#aliases = new Map(saved.aliases)
    this.#marks = [...saved.marks]
    this.#clock = saved.clock
    this.#head = saved.head
    this.#outcomes = new Map(saved.outcomes)
    this.#setBack = null
  }

  /** A node has proved that the log was set back: what was lost is taken from now on. */
  noticeSetBack(): void {
    this.#setBack = { from: this.#clock }
    const counter = counterAfterSetBack(this.#clock, this.#tags / 1e6)
    const decided = counterOf(this.#clock, DECISION_ID) + counter
    this.#clock = { ...this.#clock, [COORDINATOR_ID]: counter, [DECISION_ID]: decided }
    const last = this.#marks.at(-1)
    if (last !== undefined) this.#marks[this.#marks.length - 1] = { ...last, clock: this.#clock }
  }

  #holds({ seq, tag }: Cursor): boolean {
    return seq === 0 || this.#marks.some((mark) => mark.seq === seq && mark.tag === tag)
  }

  /** A batch ends where a commit ended, so that its cursor has a mark. */
  #boundaryFor(due: readonly EntryState[], limit: number): number {
    const last = due[limit - 1]?.seq ?? this.#head
    return this.#marks.find((mark) => mark.seq >= last)?.seq ?? this.#head
  }

  #decide(
    node: { id: NodeId; name: string; access: Access },
    request: CommitRequest,
  ): { outcomes: readonly Outcome[]; writes: CommitWrites } {
    let rows = NO_ROWS
    for (;;) {
      const decision = decideCommit(this.#snapshot(node, request, rows), request)
      if (decision.kind === 'decided') return decision
      rows = this.#load(rows, decision.needs)
    }
  }

  #snapshot(
    node: { id: NodeId; name: string; access: Access },
    request: CommitRequest,
    rows: SnapshotRows,
  ): FolderSnapshot {
    return {
      folder: {
        id: this.id,
        head: this.#head,
        clock: this.#clock,
        deleteBrakeShare: 0.5,
        deleteBrakeMin: 20,
        quotaBytes: this.quotaBytes,
        isHalted: false,
        setBack: this.#setBack,
      },
      node,
      at: this.#now(),
      liveCount: [...this.#states.values()].filter((state) => !state.deleted).length,
      liveBytes: [...this.#states.values()].reduce((sum, state) => sum + liveBytesOf(state), 0),
      recentDeletes: 0,
      unavailable: this.#unavailable(request),
      noRoom: this.noRoom,
      rows,
    }
  }

  #unavailable(request: CommitRequest): ReadonlyMap<ContentHash, readonly ChunkId[]> {
    const unavailable = new Map<ContentHash, readonly ChunkId[]>()
    for (const operation of request.operations) {
      const content = contentOf(operation)
      if (content?.kind !== 'file') continue
      const manifest = this.manifests.has(content.hash)
        ? this.manifest(content.hash)
        : singleChunkManifest(content.hash, content.size)
      const missing = this.missing(manifest.map((chunk) => chunk.hash))
      if (missing.length > 0) unavailable.set(content.hash, missing)
    }
    return unavailable
  }

  #load(rows: SnapshotRows, needs: Needs): SnapshotRows {
    const entries = new Map(rows.entries)
    const places = new Map(rows.places)
    const subtrees = new Map(rows.subtrees)
    const buried = new Map(rows.buried)
    const copies = new Map(rows.copies)
    const aliases = new Map(rows.aliases)
    for (const id of needs.entries) {
      let real = id
      const passed = new Set<EntryId>()
      for (
        let next = this.#aliases.get(real);
        next !== undefined && !passed.has(real);
        next = this.#aliases.get(real)
      ) {
        passed.add(real)
        aliases.set(real, next)
        real = next
      }
      for (let at = real; at !== ROOT_ID;) {
        const state = this.#states.get(at)
        entries.set(at, state ?? null)
        if (state === undefined) break
        at = state.parent
      }
      if (!entries.has(id)) entries.set(id, null)
    }
    for (const place of needs.places) {
      const found = [...this.#states.values()].find(
        (state) => !state.deleted && state.parent === place.parent && state.name === place.name,
      )
      places.set(placeKey(place), found ?? null)
      if (found !== undefined) entries.set(found.id, found)
    }
    for (const id of needs.subtrees) subtrees.set(id, this.#below(id))
    for (const id of needs.buried) buried.set(id, this.#buried(id))
    for (const id of needs.copies) {
      copies.set(
        id,
        [...this.#states.values()].filter(
          ({ conflictOf, deleted, bytesVector }) => conflictOf === id && (!deleted || bytesVector !== undefined),
        ),
      )
    }
    for (const loaded of [subtrees, buried, copies]) {
      for (const state of [...loaded.values()].flat()) entries.set(state.id, state)
    }
    const levels = new Map(rows.levels)
    for (const id of needs.levels ?? []) levels.set(id, this.#levelsBelow(id))
    return { entries, places, subtrees, buried, copies, aliases, levels }
  }

  #levelsBelow(id: EntryId): number {
    const below = this.#below(id).filter(({ parent, content }) => parent === id && content.kind === 'directory')
    return below.reduce((most, directory) => Math.max(most, 1 + this.#levelsBelow(directory.id)), 0)
  }

  #below(id: EntryId): readonly EntryState[] {
    const children = [...this.#states.values()].filter((state) => !state.deleted && state.parent === id)
    return children.flatMap((child) => [child, ...this.#below(child.id)])
  }

  /** Tombstones that some delete reached, and what lives between them. */
  #buried(id: EntryId): readonly EntryState[] {
    const children = [...this.#states.values()].filter(
      (state) => state.parent === id && (!state.deleted || state.reachedBy !== undefined),
    )
    return children.flatMap((child) => [child, ...this.#buried(child.id)])
  }

  #write(writes: CommitWrites): void {
    for (const state of writes.states) this.#states.set(state.id, state)
    for (const { alias, entry } of writes.aliases) this.#aliases.set(alias, entry)
    for (const event of writes.events) this.events.push({ ...event, position: this.events.length + 1 })
    this.versions.push(...writes.versions)
    this.#clock = writes.clock
    if (writes.head === this.#head) return
    const after = this.#head
    const seen = this.#marks.at(-1)?.clock ?? {}
    this.#head = writes.head
    this.#tags += 1
    const tag = `t${this.#tags}`
    this.#marks.push({ seq: this.#head, tag, clock: this.#clock })
    const cursor = { epoch: 'one', seq: this.#head, tag }
    const counted = deletedBy(writes.events)
    const batch = {
      folder: this.id,
      reset: false,
      after,
      counted,
      cursor,
      head: this.#head,
      clock: this.#clock,
      contents: [],
    }
    for (const [listener, node] of this.#listeners) listener({ ...batch, ...told(writes.states, { node, seen }) })
  }
}

function deletedBy(events: readonly Pick<HistoryEvent, 'kind' | 'entries'>[]): number {
  return events.reduce((sum, { kind, entries }) => sum + (kind === 'delete' ? entries : 0), 0)
}

function keyOf({ seq, tag }: Cursor): string {
  return `${seq} ${tag}`
}

function told(states: readonly EntryState[], audience: Audience): Pick<ChangeBatch, 'states' | 'removals' | 'echoes'> {
  const compact = compactStates(states, audience)
  return { ...compact, states: [...compact.states] }
}

function sha256(text: string): Uint8Array {
  return hashOf('sha256', text, 'buffer')
}
