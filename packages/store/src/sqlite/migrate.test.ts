import { encodeManifest, NO_SAVINGS, NodeIdSchema, ROOT_ID, type FolderId } from '@causeway/protocol'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import {
  applyNow,
  contentHashOf,
  directoryState,
  DOCS,
  fileState,
  folderRow,
  hashOf,
  idOf,
  keepNow,
  LAPTOP,
  minutes,
  newEvent,
  nodeRow,
  NOON,
  PHOTOS,
  writesOf,
} from '../conformance/fixtures.ts'
import type { NewTransfer } from '../metadata-store.ts'
import { openSqliteMetadataStore } from './open-sqlite-metadata-store.ts'
import { MIGRATIONS } from './schema.ts'

const scratch = await mkdtemp(join(tmpdir(), 'causeway-migrate-'))
afterAll(() => rm(scratch, { recursive: true }))

/** How many steps there were before directories were summed up. */
const BEFORE_SUMS = 11

test('a database from before directories were summed up and sorted is read once, and then says the same', async () => {
  const path = join(scratch, 'old.sqlite')
  const states = [
    directoryState(1, 'outer'),
    directoryState(2, 'inner', { parent: idOf(1) }),
    fileState(3, 'file10', { parent: idOf(2) }),
    fileState(4, 'File2', { parent: idOf(2) }),
    fileState(5, 'gone', { parent: idOf(2), deleted: true }),
    directoryState(6, 'left', { deleted: true }),
    fileState(7, 'orphan', { parent: idOf(6) }),
  ]
  const store = await openSqliteMetadataStore({ path })
  await store.write((tx) => tx.createFolder(folderRow()))
  await store.write((tx) => applyNow(tx, writesOf(states.slice(0, 3))))
  await store.write((tx) => applyNow(tx, writesOf(states.slice(3, 4), { at: minutes(5), versions: [] })))
  await store.write((tx) => applyNow(tx, writesOf(states.slice(4))))
  const invite = { secretHash: 'abc', folders: [DOCS], access: 'read-write', expiresAt: NOON, usedBy: null } as const
  await store.write((tx) => tx.putInvite(invite))
  const ids = [ROOT_ID, ...states.map(({ id }) => id)]
  const all = () => Promise.all(ids.map((id) => store.read((tx) => tx.directorySums(DOCS, id))))
  const expected = (await all()).map((sums) => ({ ...sums, newestMs: null }))
  await store.close()

  stepBack(path)
  const reopened = await openSqliteMetadataStore({ path })
  expect(await reopened.read((tx) => tx.invite('abc'))).toEqual(invite)
  const found = await Promise.all(ids.map((id) => reopened.read((tx) => tx.directorySums(DOCS, id))))
  expect(found.map((sums) => ({ ...sums, newestMs: null }))).toEqual(expected)
  // Of what was before, the log tells when the living came.
  expect(found[1]?.newestMs).toBe(Date.parse(NOON))
  const page = { order: 'name', isDescending: false, limit: 10 } as const
  const listed = await reopened.read((tx) => tx.listing(DOCS, idOf(2), page))
  expect(listed.map(({ state }) => state.name)).toEqual(['File2', 'file10'])
  await reopened.close()
})

test('a database that counted what fixed blocks would have sent keeps every other figure', async () => {
  const path = join(scratch, 'fixed-blocks.sqlite')
  const sums = { ...NO_SAVINGS, files: 1, logicalBytes: 300, wireBytes: 20, wholeFileBytes: 300 }
  const file = { entry: idOf(3), path: 'a', content: null, at: NOON }
  const transfer: NewTransfer = { ...sums, ...file, folder: DOCS, node: NodeIdSchema.parse('ash'), direction: 'up' }
  const store = await openSqliteMetadataStore({ path })
  await store.write((tx) => tx.createFolder(folderRow()))
  await store.write((tx) => tx.addTransfers([transfer]))
  await store.close()

  stepBack(path)
  const reopened = await openSqliteMetadataStore({ path })
  await reopened.write((tx) => tx.addTransfers([{ ...transfer, wireBytes: 30, peerBytes: 70 }]))
  const [hour] = await reopened.read((tx) => tx.savings({ folder: DOCS }, undefined))
  expect(hour).toMatchObject({ files: 2, logicalBytes: 600, wireBytes: 50, wholeFileBytes: 600, peerBytes: 70 })
  await reopened.close()
})

test('packs of a database from before it was noted who fills them are sealed, and nothing of it was removed yet', async () => {
  const path = join(scratch, 'packs.sqlite')
  const store = await openSqliteMetadataStore({ path })
  const row = { hash: hashOf('a'), pack: '00000001', offset: 0, storedSize: 4, size: 4, compressed: false }
  await store.write((tx) => tx.addChunks([row, { ...row, hash: hashOf('b'), pack: '00000002' }]))
  await store.write((tx) => tx.losePacks(['00000002']))
  await store.close()

  stepBack(path)
  const reopened = await openSqliteMetadataStore({ path })
  const packs = await reopened.read((tx) => tx.packs())
  expect(packs.map(({ state, owner }) => [state, owner])).toEqual([
    ['sealed', null],
    ['lost', null],
  ])
  expect(await reopened.read((tx) => tx.removals())).toBe(0)
  expect(await reopened.read((tx) => tx.lease('upkeep'))).toBeUndefined()
  await reopened.close()
})

test('events from before it was kept who caused them name nobody, and later ones do', async () => {
  const path = join(scratch, 'actors.sqlite')
  const store = await openSqliteMetadataStore({ path })
  await store.write((tx) => tx.createFolder(folderRow()))
  await store.write((tx) => applyNow(tx, writesOf([], { events: [newEvent(1)] })))
  await store.close()

  stepBack(path)
  const reopened = await openSqliteMetadataStore({ path })
  const actor = { kind: 'person', id: 'admin', name: 'Admin' } as const
  await reopened.write((tx) => applyNow(tx, writesOf([], { events: [newEvent(2, { actor })] })))
  const events = await reopened.read((tx) => tx.eventsAfter(0, {}, 10))
  expect(events.map((event) => event.actor)).toEqual([undefined, actor])
  await reopened.close()
})

/** Takes a database back to the format it had then. */
test('a database from before folders were told apart by what they hold gives each what its versions are made of', async () => {
  const path = join(scratch, 'contents.sqlite')
  const [small, large, chunk] = [contentHashOf('small'), contentHashOf('large'), hashOf('chunk')]
  const states = [fileState(1, 'small'), fileState(2, 'large')]
  const chunks = encodeManifest([{ hash: chunk, size: 5 }])
  const store = await openSqliteMetadataStore({ path })
  await store.write((tx) => tx.createFolder(folderRow()))
  await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
  await store.write((tx) => applyNow(tx, writesOf(states)))
  await store.write((tx) => keepNow(tx, { manifests: [{ content: large, chunks, size: 5 }] }))
  await store.close()

  stepBack(path)
  const reopened = await openSqliteMetadataStore({ path })
  const all = [small, large, chunk, hashOf('other')]
  const ofFolder = (folder: FolderId) => reopened.read((tx) => tx.contentsFor({ folder, reads: [] }, all))
  expect(await ofFolder(DOCS)).toEqual(new Set([small, large, chunk]))
  expect(await ofFolder(PHOTOS)).toEqual(new Set())
  await reopened.close()
})

test('nodes from before they could have a daily limit have none, and get one like any other', async () => {
  const path = join(scratch, 'limits.sqlite')
  const store = await openSqliteMetadataStore({ path })
  await store.write((tx) => tx.createFolder(folderRow()))
  await store.write((tx) => tx.putNode(nodeRow()))
  await store.write((tx) => applyNow(tx, writesOf([], { events: [newEvent(1)] })))
  await store.close()

  stepBack(path)
  const reopened = await openSqliteMetadataStore({ path })
  expect(await reopened.read((tx) => tx.node(LAPTOP))).toMatchObject({ dailyBytes: null })
  await reopened.write((tx) => tx.changeNode(LAPTOP, { dailyBytes: 100 }))
  await reopened.write((tx) => applyNow(tx, writesOf([], { events: [newEvent(2, { broughtBytes: 7 })] })))
  expect(await reopened.read((tx) => tx.node(LAPTOP))).toMatchObject({ dailyBytes: 100 })
  expect(await reopened.read((tx) => tx.sentSince(LAPTOP, NOON))).toEqual([{ lastAt: NOON, bytes: 7 }])
  await reopened.close()
})

function stepBack(path: string): void {
  expect(MIGRATIONS.length).toBeGreaterThan(BEFORE_SUMS)
  const db = new DatabaseSync(path)
  db.exec(`
    ALTER TABLE transfers ADD COLUMN fixed_block_bytes INTEGER NOT NULL DEFAULT 7;
    ALTER TABLE savings ADD COLUMN fixed_block_bytes INTEGER NOT NULL DEFAULT 7;
    DROP INDEX entries_listed;
    ALTER TABLE entries DROP COLUMN natural_name;
    CREATE INDEX directories_by_place ON entries (folder, parent, name) WHERE deleted = 0 AND kind = 'directory';
    DROP TABLE directory_sums;
    DROP TABLE removals;
    DROP INDEX entries_dead_versions;
    ALTER TABLE entries DROP COLUMN bytes_vector;
    ALTER TABLE versions DROP COLUMN bytes_vector;
    DROP TABLE folder_contents;
    ALTER TABLE transfers DROP COLUMN peer_bytes;
    ALTER TABLE savings DROP COLUMN peer_bytes;
    ALTER TABLE entries DROP COLUMN saves;
    ALTER TABLE versions DROP COLUMN saves;
    DROP TABLE leases;
    DROP TABLE folder_roles;
    DROP TABLE person_invites;
    DROP TABLE api_tokens;
    DROP TABLE people;
    DROP TABLE sessions;
    DROP TABLE attempts;
    DROP TABLE used_once;
    DROP TABLE audit;
    DROP TABLE pack_tails;
    ALTER TABLE manifests DROP COLUMN told_by;
    ALTER TABLE manifests DROP COLUMN proven;
    DROP INDEX events_bringing;
    ALTER TABLE events DROP COLUMN brought;
    ALTER TABLE nodes DROP COLUMN daily_bytes;
    ALTER TABLE event_causes DROP COLUMN actor;
    ALTER TABLE packs DROP COLUMN owner;
    ALTER TABLE packs DROP COLUMN bytes;
    ALTER TABLE packs DROP COLUMN sealed_ms;
    UPDATE packs SET state = 'kept' WHERE state = 'open';
    UPDATE invites SET folders = folders ->> 0;
    ALTER TABLE invites RENAME COLUMN folders TO folder;
    PRAGMA user_version = ${BEFORE_SUMS};
  `)
  db.close()
}
