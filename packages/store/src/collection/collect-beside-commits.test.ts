import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { onlyChunkOf } from '@causeway/protocol'
import { collect } from '../conformance/metadata/with-store.ts'
import { DOCS, folderRow } from '../conformance/fixtures.ts'
import type { MetadataStore } from '../metadata-store.ts'
import { openMemoryPackStore } from '../packs/open-memory-pack-store.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'
import { runScript } from '../testing/run-script.ts'
import { collectGarbage } from './collect-garbage.ts'

const SCRIPT = new URL('../testing/reuse-beside-others.ts', import.meta.url)
const COMMITS = 40

const directory = await mkdtemp(join(tmpdir(), 'causeway-collect-'))
afterAll(() => rm(directory, { recursive: true }))

test('while processes commit contents that come in and out of use, collections without any grace lose no chunk of theirs', async () => {
  const path = join(directory, 'causeway.db')
  const metadata = await openSqliteMetadataStore({ path })
  await metadata.write((tx) => tx.createFolder(folderRow()))
  let running = 2
  const ended = ['1', '2'].map((entry) =>
    runScript(SCRIPT, [path, entry, String(COMMITS)]).finally(() => (running -= 1)),
  )
  const packs = openMemoryPackStore()
  let removed = 0
  while (running > 0) {
    removed += (await collectGarbage({ metadata, packs, now: Date.now, graceMs: 0 })).removed.chunks
    expect(await lacking(metadata)).toEqual([])
  }
  expect(await Promise.all(ended)).toEqual([0, 0])
  expect(removed).toBeGreaterThan(0)
  expect((await metadata.read((tx) => tx.folder(DOCS)))?.head).toBe(2 * COMMITS)
  await metadata.close()
}, 60_000)

/** Contents in use whose chunk is not there. */
function lacking(metadata: MetadataStore): Promise<readonly string[]> {
  return metadata.read(async (tx) => {
    const used = new Set((await collect(tx.referencedContents(DOCS))).map(onlyChunkOf))
    const held = new Set((await tx.chunks([...used])).map(({ hash }) => hash))
    return [...used].filter((hash) => !held.has(hash))
  })
}
