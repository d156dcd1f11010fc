import { NO_NEEDS } from '@causeway/engine'
import { COORDINATOR_ID, encodeManifest, FolderIdSchema, READING } from '@causeway/protocol'
import { openSqliteMetadataStore, type ChunkRow } from '@causeway/store'
import { expect, test } from 'vitest'
import { largeOf, noise, overwritten } from '@causeway/testkit'
import { unavailableContents, wantedContents } from './claimed-contents.ts'

const FOLDER = FolderIdSchema.parse('work')
const SETTINGS = { deleteBrakeShare: 0.5, deleteBrakeMin: 20, keepAllDays: 30, keepThinnedDays: null, quotaBytes: null }
const ROW = {
  id: FOLDER,
  name: 'work',
  epoch: 'e',
  head: 0,
  tag: '',
  clock: {},
  settings: SETTINGS,
  halted: null,
  createdAt: new Date(0).toISOString(),
}
const BASE = largeOf(noise(300_000, 1))
const NEXT = largeOf(overwritten(BASE.bytes, 1000, noise(100, 2)))

test.each([
  ['as it was when the list was spliced', encodeManifest(BASE.manifest), false],
  ['gone since', null, true],
  ['another since', encodeManifest(BASE.manifest.toReversed()), true],
])('a spliced list is worth something only while its base is held: %s', async (_name, stored, lacks) => {
  await using store = await openedStore()
  const rows = [...BASE.manifest, ...NEXT.manifest].map(({ hash, size }, index): ChunkRow => {
    return { hash, size, pack: 'p', offset: index, storedSize: size, compressed: false }
  })
  const found = await store.write(async (tx) => {
    const manifests = stored === null ? [] : [{ content: BASE.hash, chunks: stored, size: BASE.content.size }]
    await tx.createFolder(ROW)
    await tx.keepContents(FOLDER, { decidedOn: 0, chunks: rows, manifests, claimed: [] })
    const told = NEXT.manifest.slice(0, 1)
    const base = { content: BASE.hash, encoded: encodeManifest(BASE.manifest) }
    const made = { encoded: encodeManifest(NEXT.manifest), sizeBytes: NEXT.content.size, told, base }
    const sizes = new Map([[NEXT.hash, NEXT.content.size]])
    const claimed = { sizes, manifests: new Map(), spliced: new Map([[NEXT.hash, made]]) }
    const about = {
      node: COORDINATOR_ID,
      counters: [],
      rows: NO_NEEDS,
      reads: READING,
      deletesFrom: null,
      sentFrom: null,
    }
    const { held } = await tx.loadForCommit(FOLDER, { ...about, ...wantedContents(claimed, [], true) })
    return unavailableContents(claimed, [], held)
  })
  expect([...found]).toEqual(lacks ? [[NEXT.hash, []]] : [])
})

async function openedStore() {
  const store = await openSqliteMetadataStore({ path: ':memory:' })
  return Object.assign(store, { [Symbol.asyncDispose]: () => store.close() })
}
