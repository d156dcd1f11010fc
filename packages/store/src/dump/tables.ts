/**
 * What a metadata store consists of, table by table, whatever the database: how it is taken from one into another.
 * A table comes behind those that its rows refer to. What can be worked out from other columns is left out, and
 * `dump-cases.ts` holds every column of a database against this list.
 */

/** `name`: text that is taken along as its bytes. */
export type ColumnType = 'text' | 'integer' | 'bytes' | 'name'

export interface DumpedTable {
  readonly columns: Readonly<Record<string, ColumnType>>
  /** Columns of the primary key, in its order. */
  readonly key: readonly string[]
}

export type DumpCell = string | number | Uint8Array | null
/** One row, its cells in the order of the table's columns. */
export type DumpRow = readonly DumpCell[]

const ENTRY = {
  parent: 'text',
  name: 'name',
  place_vector: 'text',
  kind: 'text',
  hash: 'bytes',
  size: 'integer',
  mode: 'integer',
  mtime_ns: 'text',
  target: 'text',
  content_vector: 'text',
  deleted: 'integer',
  existence_vector: 'text',
  conflict_of: 'text',
  reached_by: 'text',
  mode_set_by: 'text',
  bytes_vector: 'text',
  saves: 'text',
} as const

const SAVINGS = {
  files: 'integer',
  logical_bytes: 'integer',
  wire_bytes: 'integer',
  reused_bytes: 'integer',
  delta_bytes: 'integer',
  delta_wire_bytes: 'integer',
  packed_bytes: 'integer',
  packed_wire_bytes: 'integer',
  plain_bytes: 'integer',
  whole_file_bytes: 'integer',
  peer_bytes: 'integer',
} as const

const TABLES = {
  settings: { columns: { key: 'text', value: 'text' }, key: ['key'] },
  nodes: {
    columns: {
      id: 'text',
      name: 'text',
      address: 'text',
      port: 'integer',
      public_key: 'text',
      capabilities: 'text',
      watch_directories: 'text',
      version: 'text',
      registered_at: 'text',
      last_seen_at: 'text',
      revoked: 'integer',
      ordinal: 'integer',
      daily_bytes: 'integer',
    },
    key: ['id'],
  },
  invites: {
    columns: { secret_hash: 'text', folders: 'text', access: 'text', expires_at: 'text', used_by: 'text' },
    key: ['secret_hash'],
  },
  assignments: {
    columns: { folder: 'text', node: 'text', kind: 'text', access: 'text', at: 'text' },
    key: ['folder', 'node'],
  },
  folders: {
    columns: {
      key: 'integer',
      id: 'text',
      name: 'text',
      epoch: 'text',
      head: 'integer',
      tag: 'text',
      clock: 'text',
      settings: 'text',
      halted: 'text',
      created_at: 'text',
      files: 'integer',
      directories: 'integer',
      symlinks: 'integer',
      bytes: 'integer',
      set_back: 'text',
      revision: 'integer',
      removed: 'text',
    },
    key: ['key'],
  },
  memberships: {
    columns: {
      folder: 'integer',
      node: 'text',
      access: 'text',
      applied: 'integer',
      clock: 'text',
      paused: 'integer',
    },
    key: ['folder', 'node'],
  },
  entries: { columns: { folder: 'integer', id: 'text', seq: 'integer', ...ENTRY }, key: ['folder', 'id'] },
  versions: {
    columns: {
      folder: 'integer',
      seq: 'integer',
      id: 'text',
      registers: 'integer',
      node: 'text',
      counter: 'integer',
      at_ms: 'integer',
      ...ENTRY,
    },
    key: ['folder', 'seq'],
  },
  log_marks: {
    columns: { folder: 'integer', seq: 'integer', tag: 'text', clock: 'text', at_ms: 'integer' },
    key: ['folder', 'seq'],
  },
  aliases: { columns: { folder: 'integer', alias: 'text', entry: 'text' }, key: ['folder', 'alias'] },
  conflicts: {
    columns: { folder: 'integer', copy: 'text', rival: 'text', at: 'text', settled: 'text' },
    key: ['folder', 'copy'],
  },
  directory_sums: {
    columns: {
      folder: 'integer',
      id: 'text',
      files: 'integer',
      directories: 'integer',
      symlinks: 'integer',
      bytes: 'integer',
      newest_ms: 'integer',
    },
    key: ['folder', 'id'],
  },
  digests: { columns: { folder: 'integer', counted: 'text', sums: 'bytes' }, key: ['folder'] },
  event_causes: {
    columns: { key: 'integer', clock: 'text', decision: 'text', reason: 'text', actor: 'text' },
    key: ['key'],
  },
  events: {
    columns: {
      position: 'integer',
      folder: 'integer',
      node: 'text',
      counter: 'integer',
      kind: 'text',
      entry: 'text',
      path: 'text',
      path_before: 'text',
      cause: 'integer',
      seq: 'integer',
      entries: 'integer',
      size: 'integer',
      at_ms: 'integer',
      brought: 'integer',
    },
    key: ['position'],
  },
  outcomes: {
    columns: { folder: 'integer', node: 'text', counter: 'integer', outcome: 'bytes' },
    key: ['folder', 'node', 'counter'],
  },
  manifests: {
    columns: {
      key: 'integer',
      content: 'bytes',
      chunks: 'bytes',
      size: 'integer',
      told_by: 'text',
      proven: 'integer',
    },
    key: ['key'],
  },
  folder_contents: { columns: { folder: 'integer', hash: 'bytes' }, key: ['folder', 'hash'] },
  transfers: {
    columns: {
      position: 'integer',
      folder: 'integer',
      node: 'text',
      direction: 'text',
      entry: 'text',
      path: 'text',
      content: 'bytes',
      at_ms: 'integer',
      ...SAVINGS,
    },
    key: ['position'],
  },
  savings: {
    columns: { hour_ms: 'integer', folder: 'integer', node: 'text', direction: 'text', ...SAVINGS },
    key: ['hour_ms', 'folder', 'node', 'direction'],
  },
  throughput: {
    columns: {
      bucket_ms: 'integer',
      at_ms: 'integer',
      folder: 'text',
      node: 'text',
      changes: 'integer',
      bytes_up: 'integer',
      bytes_down: 'integer',
    },
    key: ['bucket_ms', 'at_ms', 'folder', 'node'],
  },
  watches: { columns: { from_ms: 'integer', until_ms: 'integer' }, key: ['from_ms'] },
  people: {
    columns: {
      id: 'text',
      name: 'text',
      sign_in_name: 'text',
      password_hash: 'text',
      email: 'text',
      subject: 'text',
      is_admin: 'integer',
      disabled: 'integer',
      created_ms: 'integer',
    },
    key: ['id'],
  },
  folder_roles: { columns: { person: 'text', folder: 'integer', role: 'text' }, key: ['person', 'folder'] },
  person_invites: {
    columns: {
      secret_hash: 'text',
      kind: 'text',
      person: 'text',
      is_admin: 'integer',
      roles: 'text',
      email: 'text',
      expires_ms: 'integer',
      used_by: 'text',
    },
    key: ['secret_hash'],
  },
  sessions: {
    columns: {
      token_hash: 'text',
      kind: 'text',
      subject: 'text',
      created_ms: 'integer',
      used_ms: 'integer',
      expires_ms: 'integer',
      idle_ms: 'integer',
      user_agent: 'text',
      address: 'text',
    },
    key: ['token_hash'],
  },
  api_tokens: {
    columns: {
      token_hash: 'text',
      person: 'text',
      name: 'text',
      scope: 'text',
      folders: 'text',
      created_ms: 'integer',
      expires_ms: 'integer',
      used_ms: 'integer',
    },
    key: ['token_hash'],
  },
  attempts: { columns: { key: 'text', count: 'integer', last_ms: 'integer' }, key: ['key'] },
  used_once: { columns: { name: 'text', until_ms: 'integer' }, key: ['name'] },
  audit: {
    columns: {
      position: 'integer',
      at_ms: 'integer',
      actor_kind: 'text',
      actor_id: 'text',
      actor_name: 'text',
      action: 'text',
      object: 'text',
      from_address: 'text',
      details: 'text',
    },
    key: ['position'],
  },
  lost_chunks: { columns: { hash: 'bytes' }, key: ['hash'] },
  // Where bytes lie: goes along only where the packs stay where they are.
  packs: {
    columns: {
      name: 'text',
      known_to: 'integer',
      state: 'text',
      owner: 'text',
      bytes: 'integer',
      sealed_ms: 'integer',
    },
    key: ['name'],
  },
  pack_tails: { columns: { pack: 'text', offset: 'integer', bytes: 'bytes' }, key: ['pack', 'offset'] },
  chunks: {
    columns: {
      hash: 'bytes',
      pack: 'text',
      offset: 'integer',
      stored_size: 'integer',
      size: 'integer',
      compressed: 'integer',
    },
    key: ['hash'],
  },
  garbage: { columns: { kind: 'text', name: 'text', marked_ms: 'integer' }, key: ['kind', 'name'] },
  // The highest number that each of these ever gave out: none comes twice, also where its row is gone.
  sequences: { columns: { name: 'text', last: 'integer' }, key: ['name'] },
  // Of processes that run; nothing of it is taken along.
  leases: {
    columns: { name: 'text', holder: 'text', token: 'integer', beat: 'integer', ttl_ms: 'integer' },
    key: ['name'],
  },
} as const satisfies Readonly<Record<string, DumpedTable>>

export type DumpTable = keyof typeof TABLES
export const DUMP_TABLES: Readonly<Record<DumpTable, DumpedTable>> = TABLES
export const DUMP_ORDER: readonly DumpTable[] = Object.keys(TABLES).filter(isDumpTable)

export function isDumpTable(name: string): name is DumpTable {
  return Object.hasOwn(TABLES, name)
}

/** The tables whose keys the database itself gives out, and by which column. */
export const NUMBERED = {
  events: { column: 'position' },
  manifests: { column: 'key' },
  transfers: { column: 'position' },
  audit: { column: 'position' },
  folders: { column: 'key' },
  event_causes: { column: 'key' },
} as const
export type Numbered = keyof typeof NUMBERED
/** Of those, the ones in `sequences`: no number may come twice. */
export const KEPT_SEQUENCES = ['audit', 'events', 'manifests', 'transfers'] as const

/** Rows of it are only ever added: nobody removes any, not even the one who made the copy. */
export const APPEND_ONLY: readonly DumpTable[] = ['audit']

/** What a database works out for itself from a row's other columns. */
export const DERIVED: Readonly<Partial<Record<DumpTable, readonly string[]>>> = {
  entries: ['folded_name', 'natural_name'],
}

/** The key of a row: where the next page of its table begins. */
export function dumpKey(table: DumpTable, row: DumpRow): DumpRow {
  return DUMP_TABLES[table].key.map((column) => cellOf(table, row, column))
}

export function cellOf(table: DumpTable, row: DumpRow, column: string): DumpCell {
  return row[Object.keys(DUMP_TABLES[table].columns).indexOf(column)] ?? null
}
