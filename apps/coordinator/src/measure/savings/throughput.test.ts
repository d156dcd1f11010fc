import { FolderIdSchema, NodeIdSchema, type HistoryEvent } from '@causeway/protocol'
import { openSqliteMetadataStore, type MetadataStore } from '@causeway/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createThroughput, type Throughput } from './throughput.ts'

const docs = FolderIdSchema.parse('docs')
const photos = FolderIdSchema.parse('photos')
const ash = NodeIdSchema.parse('ash')
const oak = NodeIdSchema.parse('oak')
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const MINUTE = 60_000
const NOON = Date.UTC(2026, 10, 22, 12)

let metadata: MetadataStore
let nowMs: number

beforeEach(async () => {
  metadata = await openSqliteMetadataStore({ path: ':memory:' })
  nowMs = NOON
})

afterEach(() => metadata.close())

/** A coordinator that starts now. */
function start(): Throughput {
  const started = createThroughput({ metadata, clock: { now: () => nowMs }, log: silent })
  started.start()
  return started
}

test('changes and bytes of the last hour are told by the minute, by node and by folder', async () => {
  const throughput = start()
  throughput.noted([event(ash), event(ash), event(oak)])
  throughput.moved({ folder: docs, node: ash }, 'up', 500)
  nowMs += 2 * MINUTE
  throughput.moved({ folder: photos, node: oak }, 'down', 70)
  const byNode = await throughput.series({ span: 'hour', by: 'node' })
  expect([byNode.bucketMs, byNode.measured.length, byNode.from]).toEqual([MINUTE, 61, '2026-11-22T11:02:00.000Z'])
  const last = byNode.series.map(({ id, changes, bytesUp, bytesDown }) => {
    return [id, changes.slice(-3), bytesUp.slice(-3), bytesDown.slice(-3)]
  })
  expect(last).toEqual([
    [ash, [2, 0, 0], [500, 0, 0], [0, 0, 0]],
    [oak, [1, 0, 0], [0, 0, 0], [0, 0, 70]],
  ])
  const byFolder = await throughput.series({ span: 'hour', by: 'folder', node: oak })
  expect(byFolder.series.map(({ id, changes }) => [id, changes.at(-3)])).toEqual([
    [docs, 1],
    [photos, 0],
  ])
  await throughput.stop()
})

test('it outlives a restart, and the time in between is not measured rather than nothing', async () => {
  const before = start()
  before.moved({ folder: docs, node: ash }, 'up', 500)
  nowMs += MINUTE
  await before.stop()
  nowMs += 3 * MINUTE
  const after = start()
  after.moved({ folder: docs, node: ash }, 'up', 20)
  const { measured, series } = await after.series({ span: 'hour', by: 'node' })
  expect(series[0]?.bytesUp.slice(-5)).toEqual([500, 0, 0, 0, 20])
  expect(measured.slice(-5)).toEqual([true, true, false, false, true])
  expect(measured.slice(0, -5).some(Boolean)).toBe(false)
  await after.stop()
})

test('the minute under way is measured, though nothing moved in it yet', async () => {
  const throughput = start()
  await throughput.flush()
  nowMs += MINUTE - 1
  expect((await throughput.series({ span: 'hour', by: 'node' })).measured.slice(-2)).toEqual([false, true])
  nowMs += 2
  expect((await throughput.series({ span: 'hour', by: 'node' })).measured.slice(-3)).toEqual([false, true, true])
  await throughput.stop()
})

test('the last day is told by ten minutes', async () => {
  const throughput = start()
  throughput.moved({ folder: docs, node: ash }, 'down', 1)
  nowMs += 5 * MINUTE
  throughput.moved({ folder: docs, node: ash }, 'down', 2)
  nowMs += 20 * 60 * MINUTE
  const { bucketMs, series } = await throughput.series({ span: 'day', by: 'folder' })
  expect([bucketMs, series[0]?.bytesDown.length]).toEqual([10 * MINUTE, 145])
  expect(series[0]?.bytesDown.filter((bytes) => bytes > 0)).toEqual([3])
  await throughput.stop()
})

test('where nothing moves, it is noted once a minute that the coordinator runs', async () => {
  const throughput = start()
  for (let second = 0; second < 180; second += 10) {
    nowMs += 10_000
    await throughput.flush()
  }
  expect(await metadata.read((tx) => tx.watches(new Date(NOON).toISOString()))).toEqual([
    { from: '2026-11-22T12:00:00.000Z', until: '2026-11-22T12:03:00.000Z' },
  ])
  await throughput.stop()
})

function event(node: typeof ash): HistoryEvent {
  return {
    position: 1,
    folder: docs,
    node,
    counter: 1,
    clock: {},
    kind: 'edit',
    entry: null,
    path: null,
    pathBefore: null,
    decision: 'fast-forward',
    reason: '',
    seq: 1,
    entries: 1,
    sizeBytes: null,
    at: '2026-11-22T12:00:00.000Z',
  }
}
