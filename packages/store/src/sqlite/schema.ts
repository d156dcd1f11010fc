import { PEOPLE } from './schema-people.ts'

/**
 * Every step that ever shaped the database, oldest first: `user_version` counts
 * those a database has been through. A released step is never edited.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE folders (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    epoch TEXT NOT NULL,
    head INTEGER NOT NULL,
    tag TEXT NOT NULL,
    clock TEXT NOT NULL,
    settings TEXT NOT NULL,
    halted TEXT,
    created_at TEXT NOT NULL,
    files INTEGER NOT NULL DEFAULT 0,
    directories INTEGER NOT NULL DEFAULT 0,
    symlinks INTEGER NOT NULL DEFAULT 0,
    bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE entries (
    folder INTEGER NOT NULL REFERENCES folders (key),
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    folded_name TEXT,
    place_vector TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash BLOB,
    size INTEGER,
    mode INTEGER,
    mtime_ns TEXT,
    target TEXT,
    content_vector TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    existence_vector TEXT,
    conflict_of TEXT,
    PRIMARY KEY (folder, id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX entries_by_seq ON entries (folder, seq);
  CREATE UNIQUE INDEX entries_by_place ON entries (folder, parent, name) WHERE deleted = 0;

  CREATE TABLE versions (
    folder INTEGER NOT NULL REFERENCES folders (key),
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    registers INTEGER NOT NULL,
    node TEXT NOT NULL,
    counter INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    place_vector TEXT NOT NULL,
    kind TEXT NOT NULL,
    hash BLOB,
    size INTEGER,
    mode INTEGER,
    mtime_ns TEXT,
    target TEXT,
    content_vector TEXT NOT NULL,
    deleted INTEGER NOT NULL,
    existence_vector TEXT,
    conflict_of TEXT,
    PRIMARY KEY (folder, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX versions_by_entry ON versions (folder, id, seq);

  CREATE TABLE log_marks (
    folder INTEGER NOT NULL REFERENCES folders (key),
    seq INTEGER NOT NULL,
    tag TEXT NOT NULL,
    clock TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (folder, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX log_marks_by_time ON log_marks (folder, at_ms, seq);

  CREATE TABLE aliases (
    folder INTEGER NOT NULL REFERENCES folders (key),
    alias TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (folder, alias)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE conflicts (
    folder INTEGER NOT NULL REFERENCES folders (key),
    copy TEXT NOT NULL,
    rival TEXT NOT NULL,
    at TEXT NOT NULL,
    settled TEXT,
    PRIMARY KEY (folder, copy)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX conflicts_open_by_rival ON conflicts (folder, rival) WHERE settled IS NULL;

  -- What the events of one commit share. An event's clock is this one with the event's own dot laid over it.
  CREATE TABLE event_causes (
    key INTEGER PRIMARY KEY,
    clock TEXT NOT NULL,
    decision TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    folder INTEGER NOT NULL REFERENCES folders (key),
    node TEXT NOT NULL,
    counter INTEGER NOT NULL,
    kind TEXT NOT NULL,
    entry TEXT,
    path TEXT,
    path_before TEXT,
    cause INTEGER NOT NULL REFERENCES event_causes (key),
    seq INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    size INTEGER,
    at_ms INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX events_by_folder ON events (folder);
  CREATE INDEX events_by_node ON events (node);
  CREATE INDEX events_by_entry ON events (entry) WHERE entry IS NOT NULL;
  CREATE INDEX events_by_dot ON events (folder, node, counter);
  CREATE INDEX events_deleting ON events (folder, node, at_ms) WHERE kind = 'delete';

  CREATE TABLE outcomes (
    folder INTEGER NOT NULL REFERENCES folders (key),
    node TEXT NOT NULL,
    counter INTEGER NOT NULL,
    outcome BLOB NOT NULL,
    PRIMARY KEY (folder, node, counter)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE manifests (
    key INTEGER PRIMARY KEY AUTOINCREMENT,
    content BLOB NOT NULL UNIQUE,
    chunks BLOB NOT NULL,
    size INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE chunks (
    hash BLOB PRIMARY KEY,
    pack TEXT NOT NULL,
    offset INTEGER NOT NULL,
    stored_size INTEGER NOT NULL,
    size INTEGER NOT NULL,
    compressed INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE garbage (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    marked_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE nodes (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    public_key TEXT,
    capabilities TEXT NOT NULL,
    watch_directories TEXT NOT NULL,
    version TEXT NOT NULL,
    registered_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    revoked INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE memberships (
    folder INTEGER NOT NULL REFERENCES folders (key),
    node TEXT NOT NULL,
    access TEXT NOT NULL,
    applied INTEGER NOT NULL,
    clock TEXT NOT NULL,
    paused INTEGER NOT NULL,
    PRIMARY KEY (folder, node)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX memberships_by_node ON memberships (node);
  CREATE TABLE invites (
    secret_hash TEXT PRIMARY KEY,
    folder TEXT NOT NULL,
    access TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    used_by TEXT
  ) STRICT;
  CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  `,
  `
  CREATE TABLE transfers (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    folder INTEGER NOT NULL REFERENCES folders (key),
    node TEXT NOT NULL,
    direction TEXT NOT NULL,
    entry TEXT,
    path TEXT,
    content BLOB,
    at_ms INTEGER NOT NULL,
    files INTEGER NOT NULL,
    logical_bytes INTEGER NOT NULL,
    wire_bytes INTEGER NOT NULL,
    reused_bytes INTEGER NOT NULL,
    delta_bytes INTEGER NOT NULL,
    delta_wire_bytes INTEGER NOT NULL,
    packed_bytes INTEGER NOT NULL,
    packed_wire_bytes INTEGER NOT NULL,
    plain_bytes INTEGER NOT NULL,
    whole_file_bytes INTEGER NOT NULL,
    fixed_block_bytes INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX transfers_by_entry ON transfers (entry) WHERE entry IS NOT NULL;

  -- Sums by the hour, kept when the single transfers are long forgotten.
  CREATE TABLE savings (
    hour_ms INTEGER NOT NULL,
    folder INTEGER NOT NULL REFERENCES folders (key),
    node TEXT NOT NULL,
    direction TEXT NOT NULL,
    files INTEGER NOT NULL,
    logical_bytes INTEGER NOT NULL,
    wire_bytes INTEGER NOT NULL,
    reused_bytes INTEGER NOT NULL,
    delta_bytes INTEGER NOT NULL,
    delta_wire_bytes INTEGER NOT NULL,
    packed_bytes INTEGER NOT NULL,
    packed_wire_bytes INTEGER NOT NULL,
    plain_bytes INTEGER NOT NULL,
    whole_file_bytes INTEGER NOT NULL,
    fixed_block_bytes INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, folder, node, direction)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE INDEX directories_by_place ON entries (folder, parent, name) WHERE deleted = 0 AND kind = 'directory';
  `,
  `
  -- Of an entry's state, what only deciding about it needs: the deletes that reached it, and who set its mode.
  ALTER TABLE entries ADD COLUMN reached_by TEXT;
  ALTER TABLE entries ADD COLUMN mode_set_by TEXT;
  ALTER TABLE versions ADD COLUMN reached_by TEXT;
  ALTER TABLE versions ADD COLUMN mode_set_by TEXT;
  CREATE INDEX entries_buried ON entries (folder, parent) WHERE deleted = 1 AND reached_by IS NOT NULL;
  `,
  `
  -- How the folder's log was found to be an older copy (JSON).
  ALTER TABLE folders ADD COLUMN set_back TEXT;
  CREATE INDEX events_deleting_by_seq ON events (folder, seq, entries) WHERE kind = 'delete';
  `,
  `
  -- The packs this database has written of, and up to where: what lies beyond that is read back into the index.
  -- A pack that is gone stays named, so that its name is never given out again.
  CREATE TABLE packs (
    name TEXT PRIMARY KEY,
    known_to INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'kept'
  ) STRICT, WITHOUT ROWID;
  INSERT INTO packs (name, known_to) SELECT pack, max(offset + stored_size) FROM chunks GROUP BY pack;

  -- Chunks that were lost on the disk and that no node has sent again yet.
  CREATE TABLE lost_chunks (hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO lost_chunks (hash)
    SELECT unhex(lost.value) FROM settings, json_each(settings.value) AS lost
    WHERE settings.key = 'damaged-chunks' AND unhex(lost.value) NOT IN (SELECT hash FROM chunks);
  DELETE FROM settings WHERE key = 'damaged-chunks';
  `,
  `
  -- Sums over a folder's live entries, for nodes to compare with. A folder without a row was not asked about yet;
  -- the sums hold the entries up to the id in "counted", or all of them where that is NULL.
  CREATE TABLE digests (
    folder INTEGER PRIMARY KEY REFERENCES folders (key),
    counted TEXT,
    sums BLOB NOT NULL
  ) STRICT;
  `,
  `
  -- Grows with each write to the folder: a commit that was decided on an earlier one is refused.
  ALTER TABLE folders ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- What moved lately, by the minute and by ten minutes, and when a coordinator ran to see it. Old rows go. By the
  -- folder's id: what one moved that is removed since ages away like the rest.
  CREATE TABLE throughput (
    bucket_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    folder TEXT NOT NULL,
    node TEXT NOT NULL,
    changes INTEGER NOT NULL,
    bytes_up INTEGER NOT NULL,
    bytes_down INTEGER NOT NULL,
    PRIMARY KEY (bucket_ms, at_ms, folder, node)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE watches (
    from_ms INTEGER PRIMARY KEY,
    until_ms INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- A folder that a person removed: when, and whether it is to be deleted for good (JSON); NULL for all others.
  ALTER TABLE folders ADD COLUMN removed TEXT;
  -- What a person decided about a folder on a node, of which the node is still to hear. Outlives the folder.
  CREATE TABLE assignments (
    folder TEXT NOT NULL,
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    access TEXT NOT NULL,
    at TEXT NOT NULL,
    PRIMARY KEY (folder, node)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX assignments_by_node ON assignments (node);
  -- Without it, every cause that goes with its folder would have all events read.
  CREATE INDEX events_by_cause ON events (cause);
  `,
  `
  -- The order in which nodes came.
  ALTER TABLE nodes ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
  UPDATE nodes SET ordinal = (
    SELECT count(*) FROM nodes AS earlier
    WHERE (earlier.registered_at, earlier.id) < (nodes.registered_at, nodes.id)
  );
  `,
  `
  -- The order in which people read names ("naturalKey" of the engine), with directories before all else.
  ALTER TABLE entries ADD COLUMN natural_name TEXT NOT NULL DEFAULT '';
  UPDATE entries SET natural_name = natural_key(name);
  DROP INDEX directories_by_place;
  CREATE INDEX entries_listed ON entries (folder, parent, (kind <> 'directory'), natural_name, name) WHERE deleted = 0;

  -- All that lies in a directory, however deep; every commit keeps it up.
  CREATE TABLE directory_sums (
    folder INTEGER NOT NULL REFERENCES folders (key),
    id TEXT NOT NULL,
    files INTEGER NOT NULL,
    directories INTEGER NOT NULL,
    symlinks INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    newest_ms INTEGER,
    PRIMARY KEY (folder, id)
  ) STRICT, WITHOUT ROWID;
  WITH RECURSIVE
    own AS MATERIALIZED (
      SELECT e.folder, e.parent AS id, sum(e.kind = 'file') AS files, sum(e.kind = 'directory') AS directories,
        sum(e.kind = 'symlink') AS symlinks, sum(coalesce(e.size, 0)) AS bytes, max(v.at_ms) AS newest_ms
      FROM entries e LEFT JOIN versions v ON v.folder = e.folder AND v.seq = e.seq
      WHERE e.deleted = 0 GROUP BY e.folder, e.parent
    ),
    above (folder, id, directory) AS (
      SELECT folder, id, id FROM own
      UNION
      SELECT above.folder, above.id, e.parent FROM above JOIN entries e
        ON e.folder = above.folder AND e.id = above.directory AND e.deleted = 0 AND e.kind = 'directory'
    )
  INSERT INTO directory_sums (folder, id, files, directories, symlinks, bytes, newest_ms)
  SELECT above.folder, above.directory, sum(own.files), sum(own.directories), sum(own.symlinks), sum(own.bytes),
    max(own.newest_ms)
  FROM above JOIN own ON own.folder = above.folder AND own.id = above.id
  GROUP BY above.folder, above.directory;
  `,
  `
  -- What a sync of fixed blocks would have sent: a figure that every save paid for. It is measured in bench/ now.
  ALTER TABLE transfers DROP COLUMN fixed_block_bytes;
  ALTER TABLE savings DROP COLUMN fixed_block_bytes;
  `,
  `
  -- How often chunks or chunk lists were removed or lost: what was decided before the last time may count on what is gone.
  CREATE TABLE removals (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), count INTEGER NOT NULL) STRICT;
  INSERT INTO removals (only_row, count) VALUES (1, 0);
  `,
  `
  -- Of a conflict copy that is another version of a file: what its bytes had seen. History keeps the column empty.
  ALTER TABLE entries ADD COLUMN bytes_vector TEXT;
  ALTER TABLE versions ADD COLUMN bytes_vector TEXT;
  CREATE INDEX entries_dead_versions ON entries (folder, conflict_of) WHERE deleted = 1 AND bytes_vector IS NOT NULL;
  `,
  `
  -- Who may do something alone among all processes. A row stays when it is released: its next token is higher.
  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT,
    token INTEGER NOT NULL,
    beat INTEGER NOT NULL,
    ttl_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Who appends to a pack, and since when nobody does. Nobody does to those that were there before this was noted: their
  -- process has ended.
  ALTER TABLE packs ADD COLUMN owner TEXT;
  ALTER TABLE packs ADD COLUMN bytes INTEGER;
  ALTER TABLE packs ADD COLUMN sealed_ms INTEGER;
  UPDATE packs SET state = 'sealed' WHERE state = 'kept';
  `,
  `
  -- One link may be for several folders: their ids, as JSON.
  ALTER TABLE invites RENAME COLUMN folder TO folders;
  UPDATE invites SET folders = json_array(folders);
  `,
  `
  -- Bytes of packs that are filled aside and saved whole: durable here until their pack is.
  CREATE TABLE pack_tails (
    pack TEXT NOT NULL,
    offset INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (pack, offset)
  ) STRICT;
  `,
  `
  -- Who caused events (JSON). NULL where that is the node itself, and for what people did before it was kept.
  ALTER TABLE event_causes ADD COLUMN actor TEXT;
  `,
  `
  -- Which chunks and contents a folder has: to know a hash is no right to its bytes.
  CREATE TABLE folder_contents (
    folder INTEGER NOT NULL REFERENCES folders (key),
    hash BLOB NOT NULL,
    PRIMARY KEY (folder, hash)
  ) STRICT, WITHOUT ROWID;
  INSERT OR IGNORE INTO folder_contents (folder, hash)
    SELECT folder, hash FROM versions WHERE hash IS NOT NULL
    UNION SELECT folder, hash FROM entries WHERE hash IS NOT NULL;
  INSERT OR IGNORE INTO folder_contents (folder, hash)
    SELECT had.folder, unhex(chunk.value)
    FROM folder_contents AS had
    JOIN manifests ON manifests.content = had.hash
    JOIN json_each(chunks_of_manifest(manifests.chunks)) AS chunk;
  `,
  `
  -- Who saved what an entry holds, and who touched it (\`Saves\`, as JSON). History keeps the column empty.
  ALTER TABLE entries ADD COLUMN saves TEXT;
  ALTER TABLE versions ADD COLUMN saves TEXT;
  `,
  PEOPLE,
  `
  -- What other nodes gave.
  ALTER TABLE transfers ADD COLUMN peer_bytes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE savings ADD COLUMN peer_bytes INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Who named a chunk list, and whether the coordinator has hashed what it makes: others count on it only then.
  ALTER TABLE manifests ADD COLUMN told_by TEXT;
  ALTER TABLE manifests ADD COLUMN proven INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- How many bytes a node may bring within a day, NULL for no limit; and what each event of such a node brought.
  ALTER TABLE nodes ADD COLUMN daily_bytes INTEGER;
  ALTER TABLE events ADD COLUMN brought INTEGER;
  CREATE INDEX events_bringing ON events (node, at_ms, brought) WHERE brought IS NOT NULL;
  `,
]
