import { createHash, hash as hashOf } from 'node:crypto'
import {
  DigestSums,
  NO_ROWS,
  bucketOf,
  compactStates,
  contentOf,
  decideCommit,
  entryDigest,
  placeKey,
  type Audience,
  type CommitWrites,
  type FolderSnapshot,
  type NewVersion,
  type SnapshotRows,
} from '@causeway/engine'
import {
  ROOT_ID,
  SyncError,
  decodeManifest,
  singleChunkManifest,
  type Access,
  type ChangeBatch,
  type ChangesRequest,
  type CommitRequest,
  type CommitResponse,
  type DigestEntriesRequest,
  type DigestEntriesResponse,
  type DigestRequest,
  type DigestResponse,
  type EntryId,
  type EntryState,
  type FolderId,
  type Hash,
  type HistoryEvent,
  type Manifest,
  type NamedBytes,
  type NodeId,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'

interface Saved {
  readonly states: ReadonlyMap<EntryId, EntryState>
  readonly aliases: ReadonlyMap<EntryId, EntryId>
  readonly marks: readonly { seq: number; tag: string; clock: VersionVector }[]
  readonly clock: VersionVector
  readonly head: number
  readonly outcomes: ReadonlyMap<string, Outcome>
}

/**
 * One folder's coordinator in memory: the real decision over plain maps. No
 * disk, no clock of its own, no sockets; the same calls give the same result.
 */
export class MemoryFolder {
  readonly id = 'test' as FolderId
  readonly events: HistoryEvent[] = []
  readonly versions: NewVersion[] = []
  readonly chunks = new Map<Hash, Uint8Array>()
  readonly manifests = new Map<Hash, Uint8Array>()
  #states = new Map<EntryId, EntryState>()
  #aliases = new Map<EntryId, EntryId>()
  #outcomes = new Map<string, Outcome>()
  #marks: { seq: number; tag: string; clock: VersionVector }[] = []
  #clock: VersionVector = {}
  #head = 0
  #tags = 0
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
    for (const { hash, bytes } of request.contents) this.upload([{ hash, bytes }])
    for (const { content, chunks } of request.manifests) this.manifests.set(content, chunks)
    const key = (counter: number): string => `${node.id}.${counter}`
    const fresh = request.operations.filter((operation) => !this.#outcomes.has(key(operation.counter)))
    const { outcomes, writes } = this.#decide(node, { ...request, operations: fresh })
    this.#write(writes)
    fresh.forEach((operation, index) => {
      const outcome = outcomes[index]
      if (outcome !== undefined && outcome.kind !== 'refused') this.#outcomes.set(key(operation.counter), outcome)
    })
    const answers = new Map(fresh.map((operation, index) => [operation.counter, outcomes[index]]))
    return {
      outcomes: request.operations.flatMap(
        (operation) => this.#outcomes.get(key(operation.counter)) ?? answers.get(operation.counter) ?? [],
      ),
    }
  }

  /** Told in full where nobody is named to whom it is told. */
  changes({ cursor, limit, full = false }: ChangesRequest, node?: NodeId): ChangeBatch {
    const known = cursor.seq === 0 || this.#marks.some((mark) => mark.seq === cursor.seq && mark.tag === cursor.tag)
    const after = known ? cursor.seq : 0
    const due = [...this.#states.values()].filter((state) => state.seq > after).sort((a, b) => a.seq - b.seq)
    const boundary = due.length <= limit ? this.#head : this.#boundaryFor(due, limit)
    const mark = this.#marks.findLast((candidate) => candidate.seq <= boundary)
    const states = due.filter((state) => state.seq <= boundary)
    const seen = this.#marks.findLast((candidate) => candidate.seq === after)?.clock ?? {}
    return {
      folder: this.id,
      reset: !known,
      after,
      cursor: { epoch: 'one', seq: boundary, tag: mark?.tag ?? '' },
      head: this.#head,
      clock: mark?.clock ?? {},
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

  missing(hashes: readonly Hash[]): readonly Hash[] {
    return hashes.filter((hash) => !this.chunks.has(hash))
  }

  upload(chunks: readonly NamedBytes[]): void {
    for (const { hash, bytes } of chunks) {
      const actual = createHash('sha256').update(bytes).digest('hex')
      if (actual !== hash) throw new SyncError('chunk-corrupt', `chunk ${hash} has other bytes`)
      this.chunks.set(hash, Uint8Array.from(bytes))
    }
  }

  manifest(content: Hash): Manifest {
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
      folder: { id: this.id, head: this.#head, clock: this.#clock, deleteBrakeShare: 0.5, deleteBrakeMin: 20 },
      node,
      at: this.#now(),
      liveCount: [...this.#states.values()].filter((state) => !state.deleted).length,
      recentDeletes: 0,
      unavailable: this.#unavailable(request),
      rows,
    }
  }

  #unavailable(request: CommitRequest): ReadonlyMap<Hash, readonly Hash[]> {
    const unavailable = new Map<Hash, readonly Hash[]>()
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

  #load(
    rows: SnapshotRows,
    needs: {
      entries: readonly EntryId[]
      places: readonly { parent: EntryId; name: string }[]
      subtrees: readonly EntryId[]
    },
  ): SnapshotRows {
    const entries = new Map(rows.entries)
    const places = new Map(rows.places)
    const subtrees = new Map(rows.subtrees)
    const aliases = new Map(rows.aliases)
    for (const id of needs.entries) {
      const real = this.#aliases.get(id) ?? id
      if (real !== id) aliases.set(id, real)
      entries.set(real, this.#states.get(real) ?? null)
      entries.set(id, this.#states.get(real) ?? null)
    }
    for (const place of needs.places) {
      const found = [...this.#states.values()].find(
        (state) => !state.deleted && state.parent === place.parent && state.name === place.name,
      )
      places.set(placeKey(place), found ?? null)
      if (found !== undefined) entries.set(found.id, found)
    }
    for (const id of needs.subtrees) subtrees.set(id, this.#below(id))
    for (const state of [...subtrees.values()].flat()) entries.set(state.id, state)
    return { entries, places, subtrees, aliases }
  }

  #below(id: EntryId): readonly EntryState[] {
    const children = [...this.#states.values()].filter((state) => !state.deleted && state.parent === id)
    return children.flatMap((child) => [child, ...this.#below(child.id)])
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
    const batch = { folder: this.id, reset: false, after, cursor, head: this.#head, clock: this.#clock, contents: [] }
    for (const [listener, node] of this.#listeners) listener({ ...batch, ...told(writes.states, { node, seen }) })
  }
}

function told(states: readonly EntryState[], audience: Audience): Pick<ChangeBatch, 'states' | 'removals' | 'echoes'> {
  const compact = compactStates(states, audience)
  return { ...compact, states: [...compact.states] }
}

function sha256(text: string): Uint8Array {
  return hashOf('sha256', text, 'buffer')
}
