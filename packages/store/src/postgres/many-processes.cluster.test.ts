import { onlyChunkOf, type HistoryEvent } from '@causeway/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { collect } from '../conformance/metadata/with-store.ts'
import { DOCS, folderRow, PHOTOS } from '../conformance/fixtures.ts'
import { collectGarbage } from '../collection/collect-garbage.ts'
import { openMemoryPackStore } from '../packs/open-memory-pack-store.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { runScript } from '../testing/run-script.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'

const COMMIT = new URL('../testing/commit-to-two.ts', import.meta.url)
const COMMITS = 40
const PROCESSES = ['ash', 'birch']
/** Each process has two handles, and each handle commits to both folders. */
const PER_FOLDER = PROCESSES.length * 2 * COMMITS

test('processes commit to two folders at once: each commit once, each log in order, and a reader of events skips none', async () => {
  const url = freshSchema()
  const store = await openPostgresMetadataStore({ url })
  for (const id of [DOCS, PHOTOS]) await store.write((tx) => tx.createFolder(folderRow({ id })))
  let running = PROCESSES.length
  const ended = PROCESSES.map((name) => runScript(COMMIT, [url, name, String(COMMITS)]).finally(() => (running -= 1)))

  const seen: HistoryEvent[] = []
  for (let isLast = false; !isLast;) {
    isLast = running === 0
    const events = await store.read((tx) => tx.eventsAfter(seen.at(-1)?.position ?? 0, {}, 7))
    seen.push(...events)
    isLast &&= events.length === 0
    await sleep(1)
  }
  expect(await Promise.all(ended)).toEqual([0, 0])

  expect(seen).toEqual(await store.read((tx) => tx.eventsAfter(0, {}, 10_000)))
  for (const id of [DOCS, PHOTOS]) {
    const inFolder = seen.filter(({ folder }) => folder === id)
    const seqs = Array.from({ length: PER_FOLDER }, (_, at) => [at + 1, at + 1]).flat()
    expect(inFolder.map(({ seq }) => seq)).toEqual(seqs)
    // Two events a commit, and every commit of every writer once.
    const paths = new Set(inFolder.map(({ path }) => path))
    expect([paths.size, inFolder.length]).toEqual([PER_FOLDER, 2 * PER_FOLDER])
    const folder = await store.read((tx) => tx.folder(id))
    expect(folder).toMatchObject({ head: PER_FOLDER, revision: PER_FOLDER })
    expect(await store.read((tx) => tx.counts(id))).toMatchObject({ files: PER_FOLDER })
  }
  await store.close()
})

const REUSE = new URL('../testing/reuse-beside-others.ts', import.meta.url)

test('while processes commit contents that come in and out of use, collections without any grace lose no chunk of theirs', async () => {
  const url = freshSchema()
  const metadata = await openPostgresMetadataStore({ url })
  await metadata.write((tx) => tx.createFolder(folderRow()))
  let running = 2
  const ended = ['1', '2'].map((entry) => runScript(REUSE, [url, entry, String(COMMITS)]).finally(() => (running -= 1)))
  const packs = openMemoryPackStore()
  let removed = 0
  const lacking = (): Promise<readonly string[]> =>
    metadata.read(async (tx) => {
      const used = new Set((await collect(tx.referencedContents(DOCS))).map(onlyChunkOf))
      const held = new Set((await tx.chunks([...used])).map(({ hash }) => hash))
      return [...used].filter((hash) => !held.has(hash))
    })
  while (running > 0) {
    removed += (await collectGarbage({ metadata, packs, now: Date.now, graceMs: 0 })).removed.chunks
    expect(await lacking()).toEqual([])
  }
  expect(await Promise.all(ended)).toEqual([0, 0])
  expect(removed).toBeGreaterThan(0)
  expect((await metadata.read((tx) => tx.folder(DOCS)))?.head).toBe(2 * COMMITS)
  await metadata.close()
})
