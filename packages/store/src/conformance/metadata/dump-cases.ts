import { expect, test } from 'vitest'
import { DUMP_ORDER, dumpKey, type DumpRow, type DumpTable } from '../../dump/tables.ts'
import type { MetadataReader, MetadataStore, MetadataWriter } from '../../metadata-store.ts'
import {
  applyNow,
  chunkRow,
  directoryState,
  DOCS,
  fileState,
  folderRow,
  hashOf,
  idOf,
  keepNow,
  LAPTOP,
  membershipRow,
  minutes,
  newEvent,
  nodeRow,
  NOON,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function dumpCases(open: OpenStore): void {
  test('what is dumped page by page and loaded into another store is the same there, in every table', async () => {
    const [from, to] = await Promise.all([open(), open()])
    try {
      await from.write(fill)
      const pages = new Map<DumpTable, readonly DumpRow[]>()
      await to.write(async (tx) => {
        for (const table of DUMP_ORDER) {
          const rows = await from.read((source) => inPages(source, table, 2))
          pages.set(table, rows)
          for (const row of rows) await tx.load(table, [row])
        }
      })
      for (const table of DUMP_ORDER) {
        const whole = await to.read((tx) => tx.dump(table, null, 1000))
        expect(plain(whole), table).toEqual(plain(pages.get(table) ?? []))
        expect(whole.length, `${table} is not tried by an empty table`).toBeGreaterThan(0)
      }
      expect(await to.read(summary)).toEqual(await from.read(summary))
    } finally {
      await Promise.all([from.close(), to.close()])
    }
  })

  test('no number comes twice: a store that was loaded goes on behind the highest that was ever given out', async () => {
    const [from, to] = await Promise.all([open(), open()])
    try {
      await from.write(fill)
      const last = await from.write(async (tx) => {
        const { head } = (await tx.folder(PHOTOS)) ?? { head: 0 }
        const events = [newEvent(9, { folder: PHOTOS })]
        const [event] = await applyNow(tx, writesOf([], { folder: PHOTOS, head, events }))
        while (!(await tx.dropFolder(PHOTOS, 1000)));
        return event?.position ?? 0
      })
      await copyAll(from, to)
      const next = await to.write(async (tx) => {
        await tx.createFolder(folderRow({ id: PHOTOS, name: 'Again' }))
        const { head } = (await tx.folder(DOCS)) ?? { head: 0 }
        const [event] = await applyNow(tx, writesOf([], { head, events: [newEvent(10)] }))
        return event?.position ?? 0
      })
      expect(last).toBeGreaterThan(0)
      expect(next).toBeGreaterThan(last)
    } finally {
      await Promise.all([from.close(), to.close()])
    }
  })

  test('a loaded store lists, searches and commits as one that grew', async () => {
    const [from, to] = await Promise.all([open(), open()])
    try {
      await from.write(fill)
      await copyAll(from, to)
      const page = { order: 'name', isDescending: false, limit: 10 } as const
      const root = directoryState(1, 'x').parent
      const listed = await to.read((tx) => tx.listing(DOCS, root, page))
      expect(listed).toEqual(await from.read((tx) => tx.listing(DOCS, root, page)))
      expect(listed.map(({ state }) => state.name)).toContain('Ärger 10.txt')
      expect(await to.read((tx) => tx.searchEntries(DOCS, 'ärger', 10))).toHaveLength(2)
      await to.write((tx) => applyNow(tx, writesOf([fileState(20, 'new.txt')])))
      expect(await to.read((tx) => tx.countChangesAfter(DOCS, 19, 10))).toBe(1)
    } finally {
      await Promise.all([from.close(), to.close()])
    }
  })

  test(
    'a table that was emptied takes the same rows again',
    withStore(open, async (store) => {
      const rows = await store.read((tx) => tx.dump('folders', null, 10))
      await store.write((tx) => tx.emptyTable('folders'))
      expect(await store.read((tx) => tx.folders())).toEqual([])
      await store.write((tx) => tx.load('folders', rows))
      expect(await store.read((tx) => tx.dump('folders', null, 10))).toEqual(rows)
    }),
  )
}

async function copyAll(from: MetadataStore, to: MetadataStore): Promise<void> {
  await to.write(async (tx) => {
    for (const table of DUMP_ORDER) await tx.load(table, await from.read((source) => source.dump(table, null, 1000)))
  })
}

async function inPages(tx: MetadataReader, table: DumpTable, limit: number): Promise<readonly DumpRow[]> {
  const found: DumpRow[] = []
  for (let after: DumpRow | null = null; ;) {
    const page = await tx.dump(table, after, limit)
    found.push(...page)
    const last = page.at(-1)
    if (last === undefined) return found
    after = dumpKey(table, last)
  }
}

/** Bytes come as whatever a driver makes of them. */
function plain(rows: readonly DumpRow[]): readonly unknown[] {
  return rows.map((row) => row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell)))
}

async function summary(tx: MetadataReader): Promise<unknown> {
  return {
    folders: await tx.folders(),
    counts: await tx.counts(DOCS),
    nodes: await tx.nodes(),
    members: await tx.memberships({}),
    events: await tx.eventsAfter(0, {}, 100),
    changes: await tx.changesAfter(DOCS, 0, 100),
    versions: await tx.versions(DOCS, idOf(2), { limit: 10 }),
    sums: await tx.directorySums(DOCS, idOf(1)),
    digest: await tx.digest(DOCS),
    manifest: await tx.manifest(hashOf('large')),
    savings: await tx.savingsTotal(),
    lost: await tx.lostAfter(undefined, 10),
  }
}

/** Something in every table. */
async function fill(tx: MetadataWriter): Promise<void> {
  await tx.createFolder(folderRow())
  await tx.createFolder(folderRow({ id: PHOTOS, name: 'Photos' }))
  await tx.putNode(nodeRow())
  await tx.putMembership(membershipRow())
  const states = [
    directoryState(1, 'sub'),
    fileState(2, 'Ärger 10.txt'),
    fileState(3, 'ärger 9', { parent: idOf(1) }),
    fileState(4, 'gone', { deleted: true, conflictOf: idOf(2), bytesVector: { laptop: 2 } }),
  ]
  await applyNow(
    tx,
    writesOf(states, {
      events: states.map(({ seq }) => newEvent(seq)),
      aliases: [{ alias: idOf(8), entry: idOf(2) }],
      conflicts: [{ folder: DOCS, copy: idOf(4), rival: idOf(2), at: NOON }],
      outcomes: [{ node: LAPTOP, counter: 2, outcome: Uint8Array.of(0, 1, 255) }],
    }),
  )
  while (!(await tx.countDigest(DOCS, 100)));
  await tx.addChunks([chunkRow('one'), chunkRow('two', { offset: 4 })])
  await keepNow(tx, { manifests: [{ content: hashOf('large'), chunks: Uint8Array.of(1, 2, 3), size: 9 }] })
  await tx.addToFolder(DOCS, [hashOf('one')])
  await tx.loseChunks([hashOf('two')])
  await tx.markGarbage('chunk', [hashOf('one')], NOON)
  const pack = await tx.beginPack('a process')
  await tx.addPackTail(pack, { owner: 'a process', offset: 0, bytes: Uint8Array.of(9) })
  await tx.putAssignment({ folder: DOCS, node: LAPTOP, kind: 'offered', access: 'read-write', at: NOON })
  const invite = { secretHash: 'f'.repeat(64), folders: [DOCS], access: 'read-write', expiresAt: NOON, usedBy: null }
  await tx.putInvite({ ...invite, access: 'read-write' })
  await tx.putLease({ name: 'upkeep', holder: null, token: 2, beat: 7, ttlMs: 1000 })
  await tx.putSetting('coordinator', 'c-1')
  await tx.addTransfers([
    {
      folder: DOCS,
      node: LAPTOP,
      direction: 'up',
      entry: idOf(2),
      path: 'Ärger 10.txt',
      content: hashOf('one'),
      at: minutes(1),
      files: 1,
      logicalBytes: 10,
      wireBytes: 9,
      reusedBytes: 0,
      deltaBytes: 0,
      deltaWireBytes: 0,
      packedBytes: 0,
      packedWireBytes: 0,
      plainBytes: 10,
      wholeFileBytes: 10,
    },
  ])
  const moved = { at: minutes(1), folder: DOCS, node: LAPTOP, changes: 1, bytesUp: 10, bytesDown: 0 }
  await tx.addThroughput([moved], { from: NOON, until: minutes(1) })
}
