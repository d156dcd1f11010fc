import { counterOf, createCompactor, fitsBatch, toldState, type CompactStates } from '@causeway/engine'
import {
  contentOfOnlyChunk,
  LIMITS,
  onlyChunkOf,
  type ChangeBatch,
  type ChangesRequest,
  type Cursor,
  type EntryState,
  type FolderId,
  type ContentHash,
  type NodeId,
  type SmallContent,
  type VersionVector,
} from '@causeway/protocol'
import type { ChunkRow, FolderRow, MetadataReader } from '@causeway/store'
import { isoNow, type CommitContents, type LogPorts } from './ports.ts'
import { isDamage } from './damage.ts'
import { folderOf } from './commit.ts'
import { noteSetBack, openSetBack, standingOf } from './set-back.ts'

export interface Changes {
  /** What changed after a cursor, with the small contents that the asking node can't have yet, as far as they fit. */
  changes(folder: FolderId, node: NodeId, request: ChangesRequest): Promise<ChangeBatch>
  /** The same, with what the node had seen before. */
  since(
    folder: FolderId,
    node: NodeId,
    request: ChangesRequest,
  ): Promise<{ readonly batch: ChangeBatch; readonly seen: VersionVector }>
  /** Where a folder's log stands. */
  head(folder: FolderId): Promise<Cursor>
}

/** Small contents up to this ride along; the rest is fetched as chunks. */
const CONTENTS_BYTES = 8 * 1024 * 1024

export function createChanges(ports: LogPorts, contents: Pick<CommitContents, 'plain'>): Changes {
  const { metadata, clock, tags } = ports
  async function read(rows: readonly ChunkRow[]): Promise<SmallContent[]> {
    const read = await Promise.all(rows.map(readIfSound))
    return read.filter((content) => content !== undefined)
  }

  /** A damaged content is left out: the states go on, and whoever wants the bytes asks for them. */
  async function readIfSound(row: ChunkRow): Promise<SmallContent | undefined> {
    try {
      return { hash: contentOfOnlyChunk(row.hash), bytes: await contents.plain(row) }
    } catch (error) {
      if (isDamage(error)) return undefined
      throw error
    }
  }

  const since: Changes['since'] = async (id, node, request) => {
    const { cursor, limit, full = false, proof } = request
    const shown = proof === undefined ? [cursor] : [cursor, proof]
    const answer = await metadata.read(async (tx) => {
      const folder = await folderOf(tx, id)
      const standings = []
      for (const one of shown) standings.push(await standingOf(tx, { folder, tags }, one))
      if (standings.includes('proof')) return 'set-back'
      const start = standings.includes('lost') ? FROM_THE_START : await startOf(tx, folder, cursor)
      const most = Math.min(limit, LIMITS.changesPerBatch)
      const { told, last } =
        full || start.reset ? await inFull(tx, folder, start, most) : await inShort(tx, folder, start, node, most)
      const mark = await markAround(tx, folder, last)
      const wanted = smallContents(told.states, start.clock, node)
      const batch: ChangeBatch = {
        folder: id,
        reset: start.reset,
        ...(openSetBack(folder, isoNow(clock)) !== null && { setBack: true }),
        after: start.seq,
        cursor: { epoch: folder.epoch, seq: last, tag: mark.tag },
        head: folder.head,
        clock: mark.clock,
        ...told,
        states: [...told.states],
        ...(tellsOfRemovals(told) && { counted: await tx.deletedBetween(id, start.seq, last) }),
        contents: [],
      }
      return { batch, seen: start.clock, rows: wanted.length > 0 ? await tx.chunks(wanted.map(onlyChunkOf)) : [] }
    })
    if (answer === 'set-back') {
      await noteSetBack(ports, id, shown)
      return since(id, node, request)
    }
    const { batch, rows, seen } = answer
    return { batch: { ...batch, contents: await read(fitting(rows)) }, seen }
  }

  return {
    changes: async (id, node, request) => (await since(id, node, request)).batch,
    since,
    head: (id) =>
      metadata.read(async (tx) => {
        const { epoch, head, tag } = await folderOf(tx, id)
        return { epoch, seq: head, tag }
      }),
  }
}

interface Start {
  readonly seq: number
  readonly reset: boolean
  /** What a node at this position has seen. */
  readonly clock: VersionVector
}

const FROM_THE_START: Start = { seq: 0, reset: true, clock: {} }

interface Page {
  readonly told: CompactStates
  /** The position that the page leads to. */
  readonly last: number
}

async function inFull(tx: MetadataReader, { id, head }: FolderRow, start: Start, most: number): Promise<Page> {
  const states = await tx.changesAfter(id, start.seq, most)
  return { told: { states: states.map(toldState) }, last: lastOf(states, most, head) }
}

/** Looked through at once, while a coordinator does nothing else; what is left after that comes with the next page. */
const STATES_LOOKED_THROUGH = 16_384
const LOOKS_PER_PAGE = 256

/**
 * What the node knows takes next to no room: a page goes on until it holds
 * enough of what the node does not know, and ends before any of its lists
 * would hold more than was asked for, or than a message may.
 */
async function inShort(
  tx: MetadataReader,
  { id, head }: FolderRow,
  start: Start,
  node: NodeId,
  most: number,
): Promise<Page> {
  const compactor = createCompactor({ node, seen: start.clock })
  let looked = 0
  let page: Page = { told: compactor.told(), last: start.seq }
  for (let looks = 1; ; looks++) {
    const more = await tx.changesAfter(id, page.last, most)
    compactor.add(more)
    looked += more.length
    const told = compactor.told()
    if (looks > 1 && !fitsBatch(told, most)) return page
    page = { told, last: lastOf(more, most, head) }
    const isFull = told.states.length >= most / 2 || looked >= STATES_LOOKED_THROUGH || looks === LOOKS_PER_PAGE
    if (isFull || page.last >= head) return page
  }
}

function tellsOfRemovals({ states, removals }: CompactStates): boolean {
  return removals !== undefined || states.some(({ deleted }) => deleted)
}

function lastOf(states: readonly EntryState[], most: number, head: number): number {
  return states.length < most ? head : (states.at(-1)?.seq ?? head)
}

/** Where to go on from: at the cursor if this log wrote it, else at the start. */
async function startOf(tx: MetadataReader, folder: FolderRow, cursor: Cursor): Promise<Start> {
  if (cursor.seq === 0) {
    const known = cursor.epoch === '' || cursor.epoch === folder.epoch
    return { seq: 0, reset: !known, clock: {} }
  }
  if (cursor.epoch === folder.epoch && cursor.seq <= folder.head) {
    const mark = await markAround(tx, folder, cursor.seq)
    if (mark.tag === cursor.tag) return { seq: cursor.seq, reset: false, clock: mark.clock }
  }
  return FROM_THE_START
}

/**
 * The tag that belongs to a position: that of the commit which wrote it. A
 * position inside a commit carries the commit's tag too, so that no other log
 * can pass for this one; the clock there is the one before the commit, which
 * claims less than was seen, never more.
 */
async function markAround(
  tx: MetadataReader,
  folder: FolderRow,
  seq: number,
): Promise<{ readonly tag: string; readonly clock: VersionVector }> {
  if (seq === folder.head) return { tag: folder.tag, clock: folder.clock }
  const below = await tx.logMark(folder.id, seq)
  if (below?.seq === seq) return below
  const above = await tx.markAtOrAbove(folder.id, seq)
  return { tag: above?.tag ?? folder.tag, clock: below?.clock ?? {} }
}

/** Files that are small and new to a node which stood at `seen`; what it wrote itself it holds already. */
function smallContents(states: readonly EntryState[], seen: VersionVector, node: NodeId): ContentHash[] {
  const hashes = states.flatMap(({ deleted, content, contentVector }) => {
    if (deleted || content.kind !== 'file' || content.size === 0 || content.size > LIMITS.inlineBytes) return []
    const foreign = Object.keys(contentVector).some((author) => {
      return author !== node && counterOf(contentVector, author) > counterOf(seen, author)
    })
    return foreign ? [content.hash] : []
  })
  return [...new Set(hashes)]
}

function fitting(rows: readonly ChunkRow[]): readonly ChunkRow[] {
  let total = 0
  return rows.filter(({ size }) => (total += size) <= CONTENTS_BYTES)
}
