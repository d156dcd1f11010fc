import { expect, test } from 'vitest'
import { DUMP_ORDER, dumpKey, type DumpRow, type DumpTable } from '../../dump/tables.ts'
import type { MetadataReader, MetadataStore } from '../../metadata-store.ts'
import { fillStore } from '../filled-store.ts'
import {
  applyNow,
  contentHashOf,
  directoryState,
  DOCS,
  fileState,
  folderRow,
  idOf,
  newEvent,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function dumpCases(open: OpenStore): void {
  test('what is dumped page by page and loaded into another store is the same there, in every table', async () => {
    const [from, to] = await Promise.all([open(), open()])
    try {
      await from.write(fillStore)
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
        expect([table, plain(whole)]).toEqual([table, plain(pages.get(table) ?? [])])
        // An empty table would try nothing.
        expect([table, whole.length > 0]).toEqual([table, true])
      }
      expect(await to.read(summary)).toEqual(await from.read(summary))
    } finally {
      await Promise.all([from.close(), to.close()])
    }
  })

  test('no number comes twice: a store that was loaded goes on behind the highest that was ever given out', async () => {
    const [from, to] = await Promise.all([open(), open()])
    try {
      await from.write(fillStore)
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
      await from.write(fillStore)
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
    manifest: await tx.manifest(contentHashOf('large')),
    savings: await tx.savingsTotal(),
    lost: await tx.lostAfter(undefined, 10),
  }
}
