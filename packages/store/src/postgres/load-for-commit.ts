import { placeKey, type Needs, type SnapshotRows } from '@causeway/engine'
import type { EntryId, EntryState, FolderId } from '@causeway/protocol'
import type { CommitNeeds, CommitRows, HeldContents, MetadataReader } from '../metadata-store.ts'
import type { Row } from '../sqlite/connection.ts'
import { folderOf, membershipOf, nodeOf } from '../sqlite/rows.ts'
import { bytes, chunkId, contentHash, flag, hash, hashCell, number, textOrNull, timeCell } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { aliasesOf, countsOf, KEY, WITH_ANCESTORS } from './entry-reader.ts'
import { ownAmong, readableAmong } from './folder-contents.ts'
import { nameCell, readState } from './rows.ts'

type Reads = Pick<
  MetadataReader,
  'outcomesByDots' | 'descendants' | 'buriedBelow' | 'copiesOf' | 'levelsBelow' | 'sentSince'
>
type FolderNeeds = { readonly folder: FolderId; readonly needs: CommitNeeds }

/** All that a commit is decided on. Every question goes out before the first answer is waited for: one round trip. */
export async function loadForCommit(tx: Reads, db: Connection, { folder, needs }: FolderNeeds): Promise<CommitRows> {
  const { node, counters, deletesFrom, sentFrom } = needs
  const [folderRow, nodeRow, membershipRow, outcomes, held, rows, recentDeletes, sent] = await Promise.all([
    db.get('SELECT * FROM folders WHERE id = $1', folder),
    db.get('SELECT * FROM nodes WHERE id = $1', node),
    db.get(MEMBERSHIP, folder, node),
    counters.length === 0 ? new Map<number, Uint8Array>() : tx.outcomesByDots(folder, node, counters),
    heldAmong(db, folder, needs),
    rowsOf(tx, db, { folder, needs: needs.rows }),
    deletesFrom === null ? undefined : db.get(RECENT_DELETES, folder, node, timeCell(deletesFrom)),
    // Only a node with a limit has any such rows: others ask an index that holds nothing of theirs.
    sentFrom === null ? [] : tx.sentSince(node, sentFrom),
  ])
  return {
    folder: folderRow && folderOf(folderRow),
    node: nodeRow && nodeOf(nodeRow),
    membership: membershipRow && membershipOf(membershipRow),
    outcomes,
    held,
    rows,
    counts: countsOf(folderRow),
    recentDeletes: recentDeletes === undefined ? 0 : number(recentDeletes['deleted']),
    sent: nodeRow === undefined || nodeOf(nodeRow).dailyBytes === null ? [] : sent,
  }
}

const MEMBERSHIP = `SELECT m.*, $1::text AS folder_id FROM memberships m WHERE m.folder = ${KEY} AND m.node = $2`

/** What a person let through counts no more. */
const RECENT_DELETES = `SELECT coalesce(sum(e.entries), 0)::bigint AS deleted
  FROM events e JOIN event_causes c ON c.key = e.cause
  WHERE e.folder = ${KEY} AND e.node = $2 AND e.kind = 'delete' AND c.decision <> 'refused'
    AND e.at_ms >= greatest($3::bigint, (
      SELECT r.at_ms + 1 FROM events r WHERE r.folder = ${KEY} AND r.kind = 'resume' ORDER BY r.position DESC LIMIT 1
    ))`

async function heldAmong(
  db: Connection,
  folder: FolderId,
  { node, reads, chunks, manifests }: CommitNeeds,
): Promise<HeldContents> {
  const asked = [...new Set([...chunks, ...manifests])]
  const [state, sizes, lists, own, readable] = await Promise.all([
    db.get('SELECT count, (EXISTS (SELECT 1 FROM lost_chunks))::integer AS is_lacking FROM removals'),
    rowsFor(chunks, () => db.all('SELECT hash, size FROM chunks WHERE hash = ANY($1::bytea[])', chunks.map(hashCell))),
    rowsFor(manifests, () =>
      db.all(
        'SELECT content, chunks, told_by, proven FROM manifests WHERE content = ANY($1::bytea[])',
        manifests.map(hashCell),
      ),
    ),
    ownAmong(db, folder, asked),
    readableAmong(db, { node, reads }, asked),
  ])
  const held = new Set([...sizes.map((row) => hash(row['hash'])), ...lists.map((row) => hash(row['content']))])
  const ownSet = new Set(own.filter((one) => held.has(one)))
  return {
    removals: number(state?.['count']),
    isIntact: !flag(state?.['is_lacking']),
    chunkSizes: new Map(sizes.map((row) => [chunkId(row['hash']), number(row['size'])])),
    manifests: new Map(lists.map((row) => [contentHash(row['content']), bytes(row['chunks'])])),
    unproven: new Map(
      lists
        .filter((row) => !flag(row['proven']))
        .map((row) => [contentHash(row['content']), textOrNull(row['told_by'])]),
    ),
    own: ownSet,
    readable: new Set(readable.filter((one) => held.has(one) && !ownSet.has(one))),
  }
}

const ALIASES = `followed (alias, entry) AS (
    SELECT alias, entry FROM aliases WHERE folder = ${KEY} AND alias = ANY($2::text[])
    UNION SELECT a.alias, a.entry FROM followed f JOIN aliases a ON a.folder = ${KEY} AND a.alias = f.entry
  )`
const THROUGH_ALIASES = `WITH RECURSIVE ${ALIASES},
  ids (id) AS (SELECT unnest($2::text[]) UNION SELECT entry FROM followed), ${WITH_ANCESTORS}`
const AT_PLACES = `WITH RECURSIVE ids (id) AS (
    SELECT e.id FROM unnest($2::text[], $3::bytea[]) AS p (parent, name)
    JOIN entries e ON e.folder = ${KEY} AND e.parent = p.parent AND e.name = p.name AND e.deleted = 0
  ), ${WITH_ANCESTORS}`

async function rowsOf(
  tx: Reads,
  db: Connection,
  { folder, needs }: { readonly folder: FolderId; readonly needs: Needs },
): Promise<SnapshotRows> {
  const each = async <T>(ids: readonly EntryId[], load: (id: EntryId) => Promise<T>): Promise<Map<EntryId, T>> =>
    new Map(await Promise.all(ids.map(async (id) => [id, await load(id)] as const)))
  const [followed, named, placed, subtrees, buried, copies, levels] = await Promise.all([
    rowsFor(needs.entries, () => db.all(`WITH RECURSIVE ${ALIASES} TABLE followed`, folder, needs.entries)),
    rowsFor(needs.entries, () => db.all(THROUGH_ALIASES, folder, needs.entries)),
    rowsFor(needs.places, () =>
      db.all(
        AT_PLACES,
        folder,
        needs.places.map(({ parent }) => parent),
        needs.places.map(({ name }) => nameCell(name)),
      ),
    ),
    each(needs.subtrees, (id) => tx.descendants(folder, id)),
    each(needs.buried, (id) => tx.buriedBelow(folder, id)),
    each(needs.copies, (id) => tx.copiesOf(folder, id)),
    each(needs.levels, (id) => tx.levelsBelow(folder, id)),
  ])
  const aliases = aliasesOf(followed)
  const atPlaces = placed.map(readState)
  const entries = new Map<EntryId, EntryState | null>([...needs.entries, ...aliases.values()].map((id) => [id, null]))
  for (const states of [named.map(readState), atPlaces, ...subtrees.values(), ...buried.values(), ...copies.values()]) {
    for (const state of states) entries.set(state.id, state)
  }
  const places = new Map<string, EntryState | null>(needs.places.map((place) => [placeKey(place), null]))
  for (const state of atPlaces) if (!state.deleted && places.has(placeKey(state))) places.set(placeKey(state), state)
  return { entries, places, subtrees, buried, copies, aliases, levels }
}

/** Asks only where there is something to ask for. */
async function rowsFor(asked: readonly unknown[], load: () => Promise<Row[]>): Promise<Row[]> {
  return asked.length === 0 ? [] : load()
}
