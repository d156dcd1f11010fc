import {
  SyncError,
  type Content,
  type EntryState,
  type Actor,
  type HistoryEvent,
  type NodeId,
  type VersionVector,
} from '@causeway/protocol'
import type { NewEvent, SentLately } from '@causeway/engine'
import type { SQLInputValue } from 'node:sqlite'
import type {
  AssignmentRow,
  ChunkRow,
  ConflictRow,
  FolderRow,
  FolderRemoval,
  FolderSetBack,
  FolderSettings,
  InviteRow,
  MembershipRow,
  KeptNode,
  Register,
  VersionRow,
} from '../metadata-store.ts'
import type { Row } from './connection.ts'
import {
  chunkId,
  contentHash,
  flag,
  hashCell,
  json,
  number,
  numberOrNull,
  text,
  textOrNull,
  time,
  vector,
} from './values.ts'

/** The columns that `stateCells` fills, in its order. */
export const STATE_COLUMNS = `id, seq, parent, name, place_vector, kind, hash, size, mode, mtime_ns, target,
  content_vector, deleted, existence_vector, conflict_of, reached_by, mode_set_by, bytes_vector, saves`

export function stateCells(state: EntryState): SQLInputValue[] {
  const { content } = state
  const file = content.kind === 'file' ? content : undefined
  return [
    state.id,
    state.seq,
    state.parent,
    state.name,
    JSON.stringify(state.placeVector),
    content.kind,
    file ? hashCell(file.hash) : null,
    file ? file.size : null,
    content.kind === 'symlink' ? null : content.mode,
    file ? file.mtimeNs : null,
    content.kind === 'symlink' ? content.target : null,
    JSON.stringify(state.contentVector),
    state.deleted ? 1 : 0,
    vectorCell(state.existenceVector),
    state.conflictOf ?? null,
    state.reachedBy === undefined || state.reachedBy.length === 0 ? null : JSON.stringify(state.reachedBy),
    state.modeSetBy === undefined ? null : JSON.stringify(state.modeSetBy),
    state.bytesVector === undefined ? null : JSON.stringify(state.bytesVector),
    state.saves === undefined ? null : JSON.stringify(state.saves),
  ]
}

export function stateOf(row: Row): EntryState {
  const state: EntryState = {
    id: text(row['id']),
    seq: number(row['seq']),
    parent: text(row['parent']),
    name: text(row['name']),
    placeVector: vector(row['place_vector']),
    content: contentOf(row),
    contentVector: vector(row['content_vector']),
    deleted: flag(row['deleted']),
    existenceVector: vector(row['existence_vector']),
  }
  if (row['conflict_of'] !== null) state.conflictOf = text(row['conflict_of'])
  if (row['reached_by'] !== null) state.reachedBy = json(row['reached_by'])
  if (row['mode_set_by'] !== null) state.modeSetBy = json(row['mode_set_by'])
  if (row['bytes_vector'] !== null) state.bytesVector = vector(row['bytes_vector'])
  if (row['saves'] !== null) state.saves = json(row['saves'])
  return state
}

const REGISTERS: readonly Register[] = ['content', 'place', 'existence']

export function registersCell(registers: readonly Register[]): number {
  return registers.reduce((bits, register) => bits | (1 << REGISTERS.indexOf(register)), 0)
}

export function versionOf(row: Row, folder: VersionRow['folder']): VersionRow {
  const bits = number(row['registers'])
  const state = stateOf(row)
  return {
    folder,
    seq: state.seq,
    entry: state.id,
    registers: REGISTERS.filter((_, index) => (bits & (1 << index)) !== 0),
    state,
    node: text(row['node']),
    counter: number(row['counter']),
    at: time(row['at_ms']),
  }
}

/** The clock without the event's own dot: what the events of one commit have in common. */
export function sharedClock(clock: VersionVector, node: NodeId, counter: number): VersionVector {
  if (!Object.hasOwn(clock, node) || clock[node] !== counter) return clock
  const { [node]: _own, ...others } = clock
  return others
}

export function eventOf(row: Row): HistoryEvent {
  const node = text<NodeId>(row['node'])
  const counter = number(row['counter'])
  const shared = vector(row['clock'])
  return {
    position: number(row['position']),
    folder: text(row['folder_id']),
    node,
    counter,
    clock: Object.hasOwn(shared, node) ? shared : { ...shared, [node]: counter },
    kind: text(row['kind']),
    entry: textOrNull(row['entry']),
    path: textOrNull(row['path']),
    pathBefore: textOrNull(row['path_before']),
    ...(row['actor'] !== null && { actor: json<Actor>(row['actor']) }),
    decision: text(row['decision']),
    reason: text(row['reason']),
    seq: number(row['seq']),
    entries: number(row['entries']),
    sizeBytes: numberOrNull(row['size']),
    at: time(row['at_ms']),
  }
}

/** Of folders kept before there were quotas. */
const NO_QUOTA: Partial<FolderSettings> = { quotaBytes: null }

export function folderOf(row: Row): FolderRow {
  return {
    id: text(row['id']),
    name: text(row['name']),
    epoch: text(row['epoch']),
    head: number(row['head']),
    tag: text(row['tag']),
    clock: vector(row['clock']),
    settings: { ...NO_QUOTA, ...json<FolderSettings>(row['settings']) },
    halted: textOrNull(row['halted']),
    createdAt: text(row['created_at']),
    revision: number(row['revision']),
    ...(row['set_back'] !== null && { setBack: json<FolderSetBack>(row['set_back']) }),
    ...(row['removed'] !== null && { removed: json<FolderRemoval>(row['removed']) }),
  }
}

export function chunkOf(row: Row): ChunkRow {
  return {
    hash: chunkId(row['hash']),
    pack: text(row['pack']),
    offset: number(row['offset']),
    storedSize: number(row['stored_size']),
    size: number(row['size']),
    compressed: flag(row['compressed']),
  }
}

export function nodeOf(row: Row): KeptNode {
  return {
    id: text(row['id']),
    name: text(row['name']),
    address: text(row['address']),
    port: number(row['port']),
    publicKey: textOrNull(row['public_key']),
    capabilities: json(row['capabilities']),
    watchDirectories: json(row['watch_directories']),
    version: text(row['version']),
    registeredAt: text(row['registered_at']),
    lastSeenAt: text(row['last_seen_at']),
    revoked: flag(row['revoked']),
    ordinal: number(row['ordinal']),
    dailyBytes: numberOrNull(row['daily_bytes']),
  }
}

/** An event as others may hear of it. */
export function placedEvent(added: NewEvent, position: number): HistoryEvent {
  const { broughtBytes: _, ...event } = added
  return { ...event, position }
}

/** What a node sent is told of ten minutes together: what a commit reads stays small however many files they were. */
export const SENT_TOGETHER_MS = 600_000

export function sentOf(row: Row): SentLately {
  return { lastAt: time(row['at_ms']), bytes: number(row['bytes']) }
}

export function membershipOf(row: Row): MembershipRow {
  return {
    folder: text(row['folder_id']),
    node: text(row['node']),
    access: text(row['access']),
    applied: number(row['applied']),
    clock: vector(row['clock']),
    paused: flag(row['paused']),
  }
}

export function assignmentOf(row: Row): AssignmentRow {
  return {
    folder: text(row['folder']),
    node: text(row['node']),
    kind: text(row['kind']),
    access: text(row['access']),
    at: text(row['at']),
  }
}

export function inviteOf(row: Row): InviteRow {
  return {
    secretHash: text(row['secret_hash']),
    folders: json(row['folders']),
    access: text(row['access']),
    expiresAt: text(row['expires_at']),
    usedBy: textOrNull(row['used_by']),
  }
}

export function conflictOf(row: Row, folder: ConflictRow['folder']): ConflictRow {
  return {
    folder,
    copy: text(row['copy']),
    rival: text(row['rival']),
    at: text(row['at']),
    settled: textOrNull(row['settled']),
  }
}

function vectorCell(value: VersionVector): string | null {
  const json = JSON.stringify(value)
  return json === '{}' ? null : json
}

function contentOf(row: Row): Content {
  switch (row['kind']) {
    case 'file':
      return {
        kind: 'file',
        hash: contentHash(row['hash']),
        size: number(row['size']),
        mode: number(row['mode']),
        mtimeNs: text(row['mtime_ns']),
      }
    case 'directory':
      return { kind: 'directory', mode: number(row['mode']) }
    case 'symlink':
      return { kind: 'symlink', target: text(row['target']) }
    default:
      throw new SyncError('internal', `the database holds an entry of the kind "${String(row['kind'])}", which is none`)
  }
}
