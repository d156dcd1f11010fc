import { createHash } from 'node:crypto'
import {
  contentOfOnlyChunk,
  encodeManifest,
  entryIdOf,
  FolderIdSchema,
  ChunkIdSchema,
  NO_SAVINGS,
  NodeIdSchema,
  type ChunkId,
  type TransferOrder,
} from '@causeway/protocol'
import { openSqliteMetadataStore, type MetadataStore } from '@causeway/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLedger, type Ledger, type LargeFile } from './ledger.ts'
import { createSavingsReports, type SavingsReports } from './savings.ts'

const folder = FolderIdSchema.parse('docs')
const ash = NodeIdSchema.parse('ash')
const oak = NodeIdSchema.parse('oak')
const silent = { debug() {}, info() {}, warn() {}, error() {} }

let metadata: MetadataStore
let ledger: Ledger
let reports: SavingsReports

beforeEach(async () => {
  metadata = await openSqliteMetadataStore({ path: ':memory:' })
  const settings = {
    deleteBrakeShare: 0.5,
    deleteBrakeMin: 20,
    keepAllDays: 30,
    keepThinnedDays: null,
    quotaBytes: null,
  }
  const row = { id: folder, name: 'Docs', epoch: 'e', head: 0, tag: '', clock: {}, settings, halted: null }
  await metadata.write((tx) => tx.createFolder({ ...row, createdAt: new Date(0).toISOString() }))
  ledger = createLedger({ metadata, clock: { now: () => 0 }, log: silent })
  reports = createSavingsReports(metadata, ledger)
})

afterEach(() => metadata.close())

test('a file is the sum of what was reused, told by deltas, packed and sent plain', async () => {
  ledger.received({ folder, node: ash }, chunk('new'), { form: 'plain', plainBytes: 70, wireBytes: 71 })
  ledger.received({ folder, node: ash }, chunk('text'), { form: 'packed', plainBytes: 60, wireBytes: 20 })
  ledger.received({ folder, node: ash }, chunk('edited'), { form: 'delta', plainBytes: 50, wireBytes: 4 })
  ledger.received({ folder, node: oak }, chunk('old'), { form: 'plain', plainBytes: 20, wireBytes: 21 })
  const manifest = [part('old', 20), part('new', 70), part('text', 60), part('edited', 50)]
  ledger.committed({ folder, node: ash, small: [], large: [{ ...large(200, 5), manifest }], wireBytes: 0 })
  expect(await newest()).toMatchObject({
    files: 1,
    direction: 'up',
    logicalBytes: 200,
    wireBytes: 71 + 20 + 4 + 5,
    reusedBytes: 20,
    plainBytes: 70,
    packedBytes: 60,
    packedWireBytes: 20,
    deltaBytes: 50,
    deltaWireBytes: 4,
    wholeFileBytes: 200,
  })
})

test('a chunk that came once counts once, however often contents name it', async () => {
  ledger.received({ folder, node: ash }, chunk('a'), { form: 'plain', plainBytes: 10, wireBytes: 10 })
  const manifest = [part('a', 10), part('a', 10)]
  const file = { ...large(20, 0), manifest }
  ledger.committed({ folder, node: ash, small: [], large: [file, file], wireBytes: 0 })
  expect((await reports.savings({})).up).toMatchObject({ files: 2, wireBytes: 10, plainBytes: 10, reusedBytes: 30 })
})

test('small files of one commit are one line', async () => {
  const small = [1, 2, 3].map((n) => ({ ...large(n * 100, 0), entry: entryIdOf(ash, n) }))
  ledger.committed({ folder, node: ash, small, large: [], wireBytes: 90 })
  expect(await newest()).toMatchObject({ files: 3, entry: null, logicalBytes: 600, wireBytes: 90, packedBytes: 600 })
})

test('chunks that went to a node count for the content that turns out to hold them, whenever they went', async () => {
  const { hash: content } = part('single', 40)
  ledger.fetched({ folder, node: oak }, content, { form: 'packed', plainBytes: 40, wireBytes: 9 })
  ledger.told({
    folder,
    node: oak,
    seq: 1,
    small: [],
    large: [{ ...large(40, 0), content: contentOfOnlyChunk(content) }],
    wireBytes: 0,
  })
  ledger.applied(oak, folder, 1)
  expect(await newest()).toMatchObject({ packedBytes: 40, packedWireBytes: 9, wireBytes: 9, reusedBytes: 0 })
})

test('a download ends when the node has placed it; what did not cross was reused there', async () => {
  ledger.told({ folder, node: oak, seq: 7, small: [], large: [large(1000, 0)], wireBytes: 0 })
  ledger.sent({ folder, node: oak }, large(0, 0).content, { listBytes: 9 })
  ledger.sent({ folder, node: oak }, large(0, 0).content, {
    crossing: { form: 'delta', plainBytes: 300, wireBytes: 30 },
  })
  ledger.applied(oak, folder, 6)
  ledger.applied(ash, folder, 9)
  expect(await all()).toEqual([])
  ledger.applied(oak, folder, 7)
  expect(await newest()).toMatchObject({
    direction: 'down',
    node: oak,
    wireBytes: 39,
    deltaBytes: 300,
    reusedBytes: 700,
  })
  ledger.applied(oak, folder, 8)
  expect(await all()).toHaveLength(1)
})

test('chunks that a node fetched before it was told, or without saying for what, are the download’s that needs them', async () => {
  const { content } = large(0, 0)
  const chunks = encodeManifest([part('a', 40), part('b', 60), part('held', 100)])
  const manifests = [{ content, chunks, size: 200 }]
  await metadata.write((tx) => tx.keepContents(folder, { decidedOn: 0, chunks: [], manifests, claimed: [] }))
  ledger.fetched({ folder, node: oak }, chunk('a'), { form: 'plain', plainBytes: 40, wireBytes: 41 })
  ledger.fetched({ folder, node: ash }, chunk('held'), { form: 'plain', plainBytes: 100, wireBytes: 101 })
  ledger.told({ folder, node: oak, seq: 7, small: [], large: [large(200, 0)], wireBytes: 0 })
  ledger.fetched({ folder, node: oak }, chunk('b'), { form: 'packed', plainBytes: 60, wireBytes: 20 })
  ledger.applied(oak, folder, 7)
  expect(await newest()).toMatchObject({
    node: oak,
    files: 1,
    logicalBytes: 200,
    wholeFileBytes: 200,
    wireBytes: 61,
    plainBytes: 40,
    packedBytes: 60,
    packedWireBytes: 20,
    reusedBytes: 100,
  })
})

test('what other nodes gave is theirs, and no more of it than did not come from here', async () => {
  const { content } = large(0, 0)
  const chunks = encodeManifest([part('a', 40), part('b', 160)])
  const manifests = [{ content, chunks, size: 200 }]
  await metadata.write((tx) => tx.keepContents(folder, { decidedOn: 0, chunks: [], manifests, claimed: [] }))
  const download = () => {
    ledger.told({ folder, node: oak, seq: 7, small: [], large: [large(200, 0)], wireBytes: 0 })
    ledger.fetched({ folder, node: oak }, chunk('a'), { form: 'plain', plainBytes: 40, wireBytes: 41 })
  }
  download()
  ledger.peerGave({ folder, node: oak }, content, 100)
  ledger.peerGave({ folder, node: ash }, content, 7)
  ledger.applied(oak, folder, 7)
  const crossed = { wireBytes: 41, plainBytes: 40, wholeFileBytes: 200 }
  expect(await newest()).toMatchObject({ ...crossed, peerBytes: 100, reusedBytes: 60 })
  download()
  ledger.peerGave({ folder, node: oak }, content, 1e9)
  ledger.applied(oak, folder, 7)
  expect(await newest()).toMatchObject({ ...crossed, peerBytes: 160, reusedBytes: 0 })
})

test('sums are of both directions and of each', async () => {
  ledger.committed({ folder, node: ash, small: [large(10, 0)], large: [], wireBytes: 4 })
  ledger.told({ folder, node: oak, seq: 1, small: [large(10, 0)], large: [], wireBytes: 5 })
  const { total, up, down, hours } = await reports.savings({})
  expect([up.wireBytes, down.wireBytes, total.wireBytes, total.files]).toEqual([4, 5, 9, 2])
  expect(hours.map(({ node, direction }) => `${node} ${direction}`)).toEqual(['ash up', 'oak down'])
  expect((await reports.savings({ node: oak })).up).toEqual(NO_SAVINGS)
})

test('what is under way when the coordinator stops is written down', async () => {
  ledger.told({ folder, node: oak, seq: 1, small: [], large: [large(10, 0)], wireBytes: 0 })
  await ledger.stop()
  expect(await all()).toHaveLength(1)
})

async function all(order: TransferOrder = 'newest') {
  return (await reports.transfers({}, { order, limit: 10 })).transfers
}

async function newest() {
  return (await all())[0]
}

function chunk(name: string): ChunkId {
  return ChunkIdSchema.parse(createHash('sha256').update(name).digest('hex'))
}

function part(name: string, size: number) {
  return { hash: chunk(name), size }
}

function large(sizeBytes: number, listBytes: number): LargeFile {
  return { entry: entryIdOf(ash, 1), content: contentOfOnlyChunk(chunk('content')), sizeBytes, listBytes }
}
