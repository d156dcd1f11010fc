import { PEOPLE } from './schema-people.ts'

/**
 * Every step that ever shaped the database, oldest first: `schema_version`
 * counts those a database has been through. A released step is never edited.
 *
 * Text is ordered by its bytes (`C`), whatever the database's own collation.
 * Names are kept as bytes: they are compared by nothing else. Tables whose rows
 * change all the time leave room in their pages: a row that stays in its page
 * touches no index, and so nobody who has read another by that index.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE folders (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    name text COLLATE "C" NOT NULL,
    epoch text COLLATE "C" NOT NULL,
    head bigint NOT NULL,
    tag text COLLATE "C" NOT NULL,
    clock text COLLATE "C" NOT NULL,
    settings text COLLATE "C" NOT NULL,
    halted text COLLATE "C",
    created_at text COLLATE "C" NOT NULL,
    files bigint NOT NULL DEFAULT 0,
    directories bigint NOT NULL DEFAULT 0,
    symlinks bigint NOT NULL DEFAULT 0,
    bytes bigint NOT NULL DEFAULT 0,
    -- How the folder's log was found to be an older copy (JSON).
    set_back text COLLATE "C",
    -- Grows with each write to the folder: a commit that was decided on an earlier one is refused.
    revision bigint NOT NULL DEFAULT 0,
    -- A folder that a person removed: when, and whether it is to be deleted for good (JSON); NULL for all others.
    removed text COLLATE "C"
  ) WITH (fillfactor = 50);

  CREATE TABLE entries (
    folder bigint NOT NULL REFERENCES folders (key),
    id text COLLATE "C" NOT NULL,
    seq bigint NOT NULL,
    parent text COLLATE "C" NOT NULL,
    name bytea NOT NULL,
    folded_name bytea,
    natural_name bytea NOT NULL,
    place_vector text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    hash bytea,
    size bigint,
    mode bigint,
    mtime_ns text COLLATE "C",
    target text COLLATE "C",
    content_vector text COLLATE "C" NOT NULL,
    deleted integer NOT NULL,
    existence_vector text COLLATE "C",
    conflict_of text COLLATE "C",
    reached_by text COLLATE "C",
    mode_set_by text COLLATE "C",
    bytes_vector text COLLATE "C",
    -- Who saved what an entry holds, and who touched it (JSON). History keeps the column empty.
    saves text COLLATE "C",
    PRIMARY KEY (folder, id)
  );
  CREATE UNIQUE INDEX entries_by_seq ON entries (folder, seq);
  CREATE UNIQUE INDEX entries_by_place ON entries (folder, parent, name) WHERE deleted = 0;
  CREATE INDEX entries_listed ON entries (
    folder, parent, (CASE WHEN kind = 'directory' THEN 0 ELSE 1 END), natural_name, name
  ) WHERE deleted = 0;
  CREATE INDEX entries_buried ON entries (folder, parent) WHERE deleted = 1 AND reached_by IS NOT NULL;
  CREATE INDEX entries_dead_versions ON entries (folder, conflict_of) WHERE deleted = 1 AND bytes_vector IS NOT NULL;

  CREATE TABLE versions (
    folder bigint NOT NULL REFERENCES folders (key),
    seq bigint NOT NULL,
    id text COLLATE "C" NOT NULL,
    registers integer NOT NULL,
    node text COLLATE "C" NOT NULL,
    counter bigint NOT NULL,
    at_ms bigint NOT NULL,
    parent text COLLATE "C" NOT NULL,
    name bytea NOT NULL,
    place_vector text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    hash bytea,
    size bigint,
    mode bigint,
    mtime_ns text COLLATE "C",
    target text COLLATE "C",
    content_vector text COLLATE "C" NOT NULL,
    deleted integer NOT NULL,
    existence_vector text COLLATE "C",
    conflict_of text COLLATE "C",
    reached_by text COLLATE "C",
    mode_set_by text COLLATE "C",
    bytes_vector text COLLATE "C",
    saves text COLLATE "C",
    PRIMARY KEY (folder, seq)
  );
  CREATE INDEX versions_by_entry ON versions (folder, id, seq);

  CREATE TABLE log_marks (
    folder bigint NOT NULL REFERENCES folders (key),
    seq bigint NOT NULL,
    tag text COLLATE "C" NOT NULL,
    clock text COLLATE "C" NOT NULL,
    at_ms bigint NOT NULL,
    PRIMARY KEY (folder, seq)
  );
  CREATE INDEX log_marks_by_time ON log_marks (folder, at_ms, seq);

  CREATE TABLE aliases (
    folder bigint NOT NULL REFERENCES folders (key),
    alias text COLLATE "C" NOT NULL,
    entry text COLLATE "C" NOT NULL,
    PRIMARY KEY (folder, alias)
  );

  CREATE TABLE conflicts (
    folder bigint NOT NULL REFERENCES folders (key),
    copy text COLLATE "C" NOT NULL,
    rival text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    settled text COLLATE "C",
    PRIMARY KEY (folder, copy)
  );
  CREATE INDEX conflicts_open_by_rival ON conflicts (folder, rival) WHERE settled IS NULL;

  -- All that lies in a directory, however deep; every commit keeps it up.
  CREATE TABLE directory_sums (
    folder bigint NOT NULL REFERENCES folders (key),
    id text COLLATE "C" NOT NULL,
    files bigint NOT NULL,
    directories bigint NOT NULL,
    symlinks bigint NOT NULL,
    bytes bigint NOT NULL,
    newest_ms bigint,
    PRIMARY KEY (folder, id)
  );

  -- Sums over a folder's live entries, for nodes to compare with. A folder without a row was not asked about yet;
  -- the sums hold the entries up to the id in "counted", or all of them where that is NULL.
  CREATE TABLE digests (
    folder bigint PRIMARY KEY REFERENCES folders (key),
    counted text COLLATE "C",
    sums bytea NOT NULL
  );

  -- What the events of one commit share. An event's clock is this one with the event's own dot laid over it.
  CREATE TABLE event_causes (
    key bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    clock text COLLATE "C" NOT NULL,
    decision text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    -- Who caused them (JSON). NULL where that is the node itself.
    actor text COLLATE "C"
  );
  -- Positions are given under a lock that is held until the transaction ends: they become visible in their order.
  CREATE TABLE events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    folder bigint NOT NULL REFERENCES folders (key),
    node text COLLATE "C" NOT NULL,
    counter bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    entry text COLLATE "C",
    path text COLLATE "C",
    path_before text COLLATE "C",
    cause bigint NOT NULL REFERENCES event_causes (key),
    seq bigint NOT NULL,
    entries bigint NOT NULL,
    size bigint,
    at_ms bigint NOT NULL
  );
  CREATE INDEX events_by_folder ON events (folder, position);
  CREATE INDEX events_by_node ON events (node, position);
  CREATE INDEX events_by_entry ON events (entry, position) WHERE entry IS NOT NULL;
  CREATE INDEX events_by_cause ON events (cause);
  CREATE INDEX events_deleting ON events (folder, node, at_ms) WHERE kind = 'delete';
  CREATE INDEX events_deleting_by_seq ON events (folder, seq, entries) WHERE kind = 'delete';
  CREATE INDEX events_resuming ON events (folder, position) WHERE kind = 'resume';

  CREATE TABLE outcomes (
    folder bigint NOT NULL REFERENCES folders (key),
    node text COLLATE "C" NOT NULL,
    counter bigint NOT NULL,
    outcome bytea NOT NULL,
    PRIMARY KEY (folder, node, counter)
  );

  CREATE TABLE manifests (
    key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    content bytea NOT NULL UNIQUE,
    chunks bytea NOT NULL,
    size bigint NOT NULL
  );
  CREATE TABLE chunks (
    hash bytea PRIMARY KEY,
    pack text COLLATE "C" NOT NULL,
    "offset" bigint NOT NULL,
    stored_size bigint NOT NULL,
    size bigint NOT NULL,
    compressed integer NOT NULL
  );
  CREATE INDEX chunks_by_pack ON chunks (pack, "offset");
  -- Which chunks and contents a folder has: to know a hash is no right to its bytes.
  CREATE TABLE folder_contents (
    hash bytea NOT NULL,
    folder bigint NOT NULL REFERENCES folders (key),
    PRIMARY KEY (hash, folder)
  );
  CREATE INDEX folder_contents_by_folder ON folder_contents (folder);
  -- Chunks that were lost and that no node has sent again yet.
  CREATE TABLE lost_chunks (hash bytea PRIMARY KEY);
  CREATE TABLE garbage (
    kind text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    marked_ms bigint NOT NULL,
    PRIMARY KEY (kind, name)
  );
  -- How often chunks or chunk lists were removed or lost, and how often any were marked. Who comes to use what is held
  -- locks the row: see decision 24 (metadata on PostgreSQL).
  CREATE TABLE removals (
    only_row integer PRIMARY KEY CHECK (only_row = 1),
    count bigint NOT NULL,
    markings bigint NOT NULL
  );
  INSERT INTO removals (only_row, count, markings) VALUES (1, 0, 0);

  -- The packs this database has written of, up to where, who appends to them, and since when nobody does.
  CREATE TABLE packs (
    name text COLLATE "C" PRIMARY KEY,
    known_to bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    owner text COLLATE "C",
    bytes bigint,
    sealed_ms bigint
  ) WITH (fillfactor = 50);
  -- Bytes of packs that are filled aside and saved whole: durable here until their pack is.
  CREATE TABLE pack_tails (
    pack text COLLATE "C" NOT NULL,
    "offset" bigint NOT NULL,
    bytes bytea NOT NULL,
    PRIMARY KEY (pack, "offset")
  );

  CREATE TABLE nodes (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    port integer NOT NULL,
    public_key text COLLATE "C",
    capabilities text COLLATE "C" NOT NULL,
    watch_directories text COLLATE "C" NOT NULL,
    version text COLLATE "C" NOT NULL,
    registered_at text COLLATE "C" NOT NULL,
    last_seen_at text COLLATE "C" NOT NULL,
    revoked integer NOT NULL,
    -- The order in which nodes came.
    ordinal bigint NOT NULL
  ) WITH (fillfactor = 50);
  CREATE INDEX nodes_by_ordinal ON nodes (ordinal);
  CREATE TABLE memberships (
    folder bigint NOT NULL REFERENCES folders (key),
    node text COLLATE "C" NOT NULL,
    access text COLLATE "C" NOT NULL,
    applied bigint NOT NULL,
    clock text COLLATE "C" NOT NULL,
    paused integer NOT NULL,
    PRIMARY KEY (folder, node)
  ) WITH (fillfactor = 50);
  CREATE INDEX memberships_by_node ON memberships (node);
  -- What a person decided about a folder on a node, of which the node is still to hear. Outlives the folder.
  CREATE TABLE assignments (
    folder text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    access text COLLATE "C" NOT NULL,
    at text COLLATE "C" NOT NULL,
    PRIMARY KEY (folder, node)
  );
  CREATE INDEX assignments_by_node ON assignments (node);
  -- One link may be for several folders: their ids, as JSON.
  CREATE TABLE invites (
    secret_hash text COLLATE "C" PRIMARY KEY,
    folders text COLLATE "C" NOT NULL,
    access text COLLATE "C" NOT NULL,
    expires_at text COLLATE "C" NOT NULL,
    used_by text COLLATE "C"
  );
  CREATE TABLE settings (key text COLLATE "C" PRIMARY KEY, value text COLLATE "C" NOT NULL);
  -- Who may do something alone among all processes. A row stays when it is released: its next token is higher.
  CREATE TABLE leases (
    name text COLLATE "C" PRIMARY KEY,
    holder text COLLATE "C",
    token bigint NOT NULL,
    beat bigint NOT NULL,
    ttl_ms bigint NOT NULL
  ) WITH (fillfactor = 50);

  CREATE TABLE transfers (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    folder bigint NOT NULL REFERENCES folders (key),
    node text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    entry text COLLATE "C",
    path text COLLATE "C",
    content bytea,
    at_ms bigint NOT NULL,
    files bigint NOT NULL,
    logical_bytes bigint NOT NULL,
    wire_bytes bigint NOT NULL,
    reused_bytes bigint NOT NULL,
    delta_bytes bigint NOT NULL,
    delta_wire_bytes bigint NOT NULL,
    packed_bytes bigint NOT NULL,
    packed_wire_bytes bigint NOT NULL,
    plain_bytes bigint NOT NULL,
    whole_file_bytes bigint NOT NULL
  );
  CREATE INDEX transfers_by_entry ON transfers (entry) WHERE entry IS NOT NULL;
  CREATE INDEX transfers_by_folder ON transfers (folder);
  -- Sums by the hour, kept when the single transfers are long forgotten.
  CREATE TABLE savings (
    hour_ms bigint NOT NULL,
    folder bigint NOT NULL REFERENCES folders (key),
    node text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    files bigint NOT NULL,
    logical_bytes bigint NOT NULL,
    wire_bytes bigint NOT NULL,
    reused_bytes bigint NOT NULL,
    delta_bytes bigint NOT NULL,
    delta_wire_bytes bigint NOT NULL,
    packed_bytes bigint NOT NULL,
    packed_wire_bytes bigint NOT NULL,
    plain_bytes bigint NOT NULL,
    whole_file_bytes bigint NOT NULL,
    PRIMARY KEY (hour_ms, folder, node, direction)
  );
  CREATE INDEX savings_by_folder ON savings (folder);

  -- What moved lately, by the minute and by ten minutes, and when a coordinator ran to see it. Old rows go. By the
  -- folder's id: what one moved that is removed since ages away like the rest.
  CREATE TABLE throughput (
    bucket_ms bigint NOT NULL,
    at_ms bigint NOT NULL,
    folder text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    changes bigint NOT NULL,
    bytes_up bigint NOT NULL,
    bytes_down bigint NOT NULL,
    PRIMARY KEY (bucket_ms, at_ms, folder, node)
  );
  CREATE TABLE watches (
    from_ms bigint PRIMARY KEY,
    until_ms bigint NOT NULL
  );
  ${PEOPLE}`,
  `
  -- What other nodes gave.
  ALTER TABLE transfers ADD COLUMN peer_bytes bigint NOT NULL DEFAULT 0;
  ALTER TABLE savings ADD COLUMN peer_bytes bigint NOT NULL DEFAULT 0;
  `,
  `
  -- Who named a chunk list, and whether the coordinator has hashed what it makes: others count on it only then.
  ALTER TABLE manifests ADD COLUMN told_by text COLLATE "C";
  ALTER TABLE manifests ADD COLUMN proven integer NOT NULL DEFAULT 0;
  `,
  `
  -- How many bytes a node may bring within a day, NULL for no limit; and what each event of such a node brought.
  ALTER TABLE nodes ADD COLUMN daily_bytes bigint;
  ALTER TABLE events ADD COLUMN brought bigint;
  CREATE INDEX events_bringing ON events (node, at_ms, brought) WHERE brought IS NOT NULL;
  `,
]
