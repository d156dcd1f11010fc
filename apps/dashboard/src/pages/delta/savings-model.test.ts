import { FolderIdSchema, NO_SAVINGS, NodeIdSchema, type HourSavings, type Savings } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { axisOf, chartColumns, hourPoints, howInWords, savedWords, sentenceOf, sharesBy } from './savings-model.ts'

const BASE = Date.UTC(2026, 10, 22, 12)

test('what was saved is said against whole files', () => {
  const total = saved({ logicalBytes: 4_100_000_000, wireBytes: 212_000_000, wholeFileBytes: 4_100_000_000 })
  expect(sentenceOf(total, '')).toBe('4.10 GB of files crossed as 212 MB: 94.8 % saved.')
})

test('a few kilobytes more than the files hold are too little to tell', () => {
  const few = saved({ logicalBytes: 10, wholeFileBytes: 10, wireBytes: 6_300 })
  expect(sentenceOf(few, 'Today ')).toContain('Today 10 B of files crossed as 6.30 kB: too little to tell.')
  expect(savedWords(few)).toBe('too little to tell')
})

test('what messages took beyond that is told as theirs', () => {
  const much = saved({ logicalBytes: 1_000_000, wholeFileBytes: 1_000_000, wireBytes: 1_300_000 })
  expect(sentenceOf(much, '')).toContain('1.00 MB of files crossed as 1.30 MB: 300 kB of that for messages')
  expect(savedWords(much)).toBe('300 kB for messages')
})

test('how is told with the largest part first', () => {
  expect(howInWords(saved({ reusedBytes: 5000, plainBytes: 9000 }))).toBe(
    '9.00 kB sent as they are, 5.00 kB already there',
  )
  expect(howInWords(saved({ peerBytes: 7000, plainBytes: 9 }))).toBe('7.00 kB from other nodes, 9 B sent as they are')
  expect(howInWords(saved({ packedBytes: 4, packedWireBytes: 398 }))).toBe('4 B in messages of 398 B')
  expect(howInWords(NO_SAVINGS)).toBe('nothing to send')
})

test('the rows of one hour are one point, and the hours are in order', () => {
  const points = hourPoints([hour(1, { wireBytes: 5 }), hour(0, { wireBytes: 1 }), hour(1, { wireBytes: 2 })])
  expect(points.map(({ atMs, wire }) => [(atMs - BASE) / 3_600_000, wire])).toEqual([
    [0, 1],
    [1, 7],
  ])
})

test('areas are stacked on what crossed, and an hour without anything is a gap', () => {
  const part = {
    wireBytes: 10,
    reusedBytes: 70,
    peerBytes: 30,
    deltaBytes: 50,
    deltaWireBytes: 5,
    packedBytes: 30,
    packedWireBytes: 4,
  }
  const [x, compression, delta, reuse, wire] = chartColumns(
    hourPoints([hour(0, part), hour(1, part), hour(4, part)]),
    BASE + 100 * 3_600_000,
  )
  expect(x).toHaveLength(7)
  expect(x).toEqual(x.toSorted((a, b) => a - b))
  expect([wire[0], reuse[0], delta[0], compression[0]]).toEqual([10, 110, 155, 181])
  expect([wire[3], wire[4], wire[5]]).toEqual([10, null, 10])
})

test('neither the areas nor the axis run into the future, whatever the clocks say', () => {
  const points = hourPoints([hour(0, { wireBytes: 1 }), hour(1, { wireBytes: 1 })])
  const nowMs = BASE + 3_600_000 + 90_000
  const [x] = chartColumns(points, nowMs)
  expect(x.at(-1)).toBe(nowMs / 1000)
  expect(axisOf(x[0] ?? 0, x.at(-1) ?? 0)).toEqual([nowMs / 1000 - 3 * 3600, nowMs / 1000])
  const [behind] = chartColumns(points, BASE)
  expect(behind).toEqual(behind.toSorted((a, b) => a - b))
})

test('messages of tiny files save nothing, rather than less than nothing', () => {
  expect(hourPoints([hour(0, { packedBytes: 1, packedWireBytes: 321 })])[0]?.byCompression).toBe(0)
})

test('a breakdown begins with what saved most', () => {
  const rows = [hour(0, { wholeFileBytes: 10 }, 'ash'), hour(1, { wholeFileBytes: 99 }, 'oak'), hour(2, {}, 'elm')]
  expect(sharesBy(rows, ({ node }) => node).map(({ name }) => name)).toEqual(['oak', 'ash', 'elm'])
})

function saved(part: Partial<Savings>): Savings {
  return { ...NO_SAVINGS, ...part }
}

function hour(at: number, part: Partial<Savings>, node = 'ash'): HourSavings {
  return {
    ...saved(part),
    hour: new Date(BASE + at * 3_600_000).toISOString(),
    folder: FolderIdSchema.parse('docs'),
    node: NodeIdSchema.parse(node),
    direction: 'up',
  }
}
