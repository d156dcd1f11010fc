import {
  ContentHashSchema,
  entryIdOf,
  FolderIdSchema,
  ChunkIdSchema,
  NodeIdSchema,
  ROOT_ID,
  type ContentHash,
  type EntryId,
  type EntryState,
  type FolderId,
  type ChunkId,
  type Hash,
  type HistoryEvent,
  type NodeId,
} from '@causeway/protocol'
import { createHash } from 'node:crypto'
import type {
  ChunkRow,
  ContentWrites,
  FolderRow,
  FolderWrites,
  MembershipRow,
  MetadataWriter,
  NewEvent,
  NodeRow,
  VersionRow,
} from '../metadata-store.ts'
import type { StoredChunk } from '../pack-store.ts'

export const DOCS: FolderId = FolderIdSchema.parse('docs')
export const PHOTOS: FolderId = FolderIdSchema.parse('photos')
export const LAPTOP: NodeId = NodeIdSchema.parse('laptop')
export const PHONE: NodeId = NodeIdSchema.parse('phone')
export const NOON = '2026-11-22T12:00:00.000Z'

/** A moment some minutes after `NOON`. */
export function minutes(count: number): string {
  return new Date(Date.parse(NOON) + count * 60_000).toISOString()
}

export function hashOf(text: string | Uint8Array): ChunkId {
  return ChunkIdSchema.parse(createHash('sha256').update(text).digest('hex'))
}

export function contentHashOf(text: string): ContentHash {
  return ContentHashSchema.parse(createHash('sha256').update(text).digest('hex'))
}

export function storedChunk(bytes: Uint8Array): StoredChunk {
  return { hash: hashOf(bytes), size: bytes.length, compressed: false, bytes }
}

export function folderRow(change: Partial<FolderRow> = {}): FolderRow {
  return {
    id: DOCS,
    name: 'Documents',
    epoch: 'first',
    head: 0,
    tag: '',
    clock: {},
    settings: { deleteBrakeShare: 0.5, deleteBrakeMin: 20, keepAllDays: 30, keepThinnedDays: null, quotaBytes: null },
    halted: null,
    createdAt: NOON,
    revision: 0,
    ...change,
  }
}

export function nodeRow(change: Partial<NodeRow> = {}): NodeRow {
  return {
    id: LAPTOP,
    name: "Ada's laptop",
    address: '127.0.0.1',
    port: 9001,
    publicKey: null,
    capabilities: ['sync'],
    watchDirectories: ['/home/ada/docs'],
    version: '0.1.0',
    registeredAt: NOON,
    lastSeenAt: NOON,
    revoked: false,
    ...change,
  }
}

export function membershipRow(change: Partial<MembershipRow> = {}): MembershipRow {
  return { folder: DOCS, node: LAPTOP, access: 'read-write', applied: 0, clock: {}, paused: false, ...change }
}

export function idOf(counter: number, node: NodeId = LAPTOP): EntryId {
  return entryIdOf(node, counter)
}

/** A file that the laptop's event `seq` made. */
export function fileState(seq: number, name: string, change: Partial<EntryState> = {}): EntryState {
  return {
    id: idOf(seq),
    seq,
    parent: ROOT_ID,
    name,
    placeVector: { laptop: seq },
    content: { kind: 'file', hash: contentHashOf(name), size: 10, mode: 0o644, mtimeNs: '1764000000123456789' },
    contentVector: { laptop: seq },
    deleted: false,
    existenceVector: {},
    ...change,
  }
}

export function directoryState(seq: number, name: string, change: Partial<EntryState> = {}): EntryState {
  return fileState(seq, name, { content: { kind: 'directory', mode: 0o755 }, ...change })
}

export function versionRow(state: EntryState, change: Partial<VersionRow> = {}): VersionRow {
  const { seq, id: entry } = state
  return {
    folder: DOCS,
    seq,
    entry,
    registers: ['content', 'place'],
    state,
    node: LAPTOP,
    counter: seq,
    at: NOON,
    ...change,
  }
}

export function newEvent(counter: number, change: Partial<NewEvent> = {}): NewEvent {
  return {
    folder: DOCS,
    node: LAPTOP,
    counter,
    clock: { laptop: counter, phone: 4 },
    kind: 'create',
    entry: idOf(counter),
    path: `file ${counter}`,
    pathBefore: null,
    decision: 'fast-forward',
    reason: 'Nothing else was at this place.',
    seq: counter,
    entries: 1,
    sizeBytes: 10,
    at: NOON,
    ...change,
  }
}

/** Applies writes as if they had been decided on the folder as it stands. */
export async function applyNow(tx: MetadataWriter, writes: FolderWrites): Promise<readonly HistoryEvent[]> {
  const folder = await tx.folder(writes.folder)
  return tx.applyFolderWrites({ ...writes, decidedOn: folder?.revision ?? 0 })
}

/** Takes chunks or manifests out of the index, as a collection does. */
export async function forget(tx: MetadataWriter, kind: 'chunk' | 'manifest', names: readonly Hash[]): Promise<void> {
  await tx.markGarbage(kind, names, NOON)
  await tx.removeMarked(kind, new Map(names.map((name) => [name, NOON])))
}

/** Keeps what a write brings, as found just now. */
export async function keepNow(tx: MetadataWriter, contents: Partial<ContentWrites>): Promise<void> {
  await tx.keepContents(DOCS, { decidedOn: await tx.removals(), chunks: [], manifests: [], claimed: [], ...contents })
}

/** A commit of these states, each with its version; its head is their highest seq. */
export function writesOf(states: readonly EntryState[], change: Partial<FolderWrites> = {}): FolderWrites {
  const head = Math.max(0, ...states.map((state) => state.seq))
  return {
    folder: DOCS,
    decidedOn: 0,
    head,
    tag: `tag ${head}`,
    clock: { laptop: head },
    at: NOON,
    states,
    versions: states.map((state) => versionRow(state)),
    events: [],
    aliases: [],
    conflicts: [],
    settled: [],
    outcomes: [],
    ...change,
  }
}

export function chunkRow(text: string, change: Partial<ChunkRow> = {}): ChunkRow {
  return { hash: hashOf(text), pack: '00000001', offset: 0, storedSize: 4, size: 9, compressed: true, ...change }
}
