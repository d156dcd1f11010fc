import { FolderIdSchema, NO_SAVINGS, NodeIdSchema, SAVINGS_FIELDS, type HistoryEvent } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { asJson, eventsAsCsv, problemRows, problemsAsCsv, transfersAsCsv } from './export.ts'

const event: HistoryEvent = {
  position: 1,
  folder: FolderIdSchema.parse('docs'),
  node: NodeIdSchema.parse('ash'),
  counter: 1,
  clock: { ash: 1 },
  kind: 'create',
  entry: null,
  path: 'a, "b"\nc.txt',
  pathBefore: '=1+1',
  decision: 'fast-forward',
  reason: 'It is new.',
  seq: 1,
  entries: 1,
  sizeBytes: null,
  at: '2026-11-22T12:00:00.000Z',
}

test('commas, quotes and line breaks stay in their cell, and no cell is a formula', () => {
  const csv = eventsAsCsv([event])
  expect(csv.split('\r\n')[0]).toMatch(/^position,at,folder/)
  expect(csv).toContain('"a, ""b""\nc.txt"')
  expect(csv).toContain(`,'=1+1,`)
  expect(csv).toContain('"{""ash"":1}"')
})

test('an event says who caused it: a person by name, a node by its id', () => {
  const actor = { kind: 'person', id: 'admin', name: 'Admin' } as const
  const [heads, byNode, byPerson] = eventsAsCsv([event, { ...event, path: 'a', actor }]).split('\r\n')
  expect(heads).toMatch(/,clock,actor$/)
  expect([byNode, byPerson].map((row) => row?.split(',').at(-1))).toEqual(['ash', 'Admin'])
})

test('a transfer and a problem have a line each, with every number as it is', () => {
  const { folder, node, at } = event
  const hop = { folder, node, at, direction: 'up', entry: null, path: null, content: null, position: 4 } as const
  const [heads, row] = transfersAsCsv([{ ...NO_SAVINGS, ...hop, files: 2, wireBytes: 1234 }]).split('\r\n')
  expect(row?.split(',')).toHaveLength(heads?.split(',').length ?? 0)
  const cells = row?.split(',') ?? []
  expect(cells.slice(0, 8)).toEqual(['4', at, 'docs', 'ash', 'up', '', '', ''])
  const numbers: Readonly<Record<string, number>> = { ...NO_SAVINGS, files: 2, wireBytes: 1234 }
  expect(Object.fromEntries(SAVINGS_FIELDS.map((field, index) => [field, Number(cells[8 + index])]))).toEqual(numbers)
  const told = { id: node, name: 'Ash' } as Parameters<typeof problemRows>[0][number]['node']
  const rows = problemRows([{ node: told, folder, path: 'a', code: 'disk-full', message: 'no room' }])
  expect(problemsAsCsv(rows)).toBe('node,name,folder,path,code,message\r\nash,Ash,docs,a,disk-full,no room\r\n')
})

test('JSON holds the events as they are', () => {
  expect(JSON.parse(asJson([event]))).toEqual([event])
})
