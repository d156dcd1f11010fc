import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { beforeEach, expect, test } from 'vitest'
import { createDeliveries, type Deliveries } from './deliveries.ts'

const docs = FolderIdSchema.parse('docs')
const ash = NodeIdSchema.parse('ash')
const oak = NodeIdSchema.parse('oak')
let time: number
let measured: number[]
let deliveries: Deliveries

beforeEach(() => {
  time = 0
  measured = []
  deliveries = createDeliveries(
    () => time,
    (milliseconds) => measured.push(milliseconds),
  )
  deliveries.linked(oak)
})

test('every commit that a node’s word covers is measured from its own beginning, once', () => {
  commit(1, 10)
  commit(3, 30)
  apply(3, 110)
  apply(3, 120)
  commit(4, 130)
  apply(4, 150)
  expect(measured).toEqual([100, 80, 20])
  const { all, byNode } = deliveries.readings()
  expect([all.count, all.sumMs]).toEqual([3, 200])
  expect(byNode).toMatchObject([{ node: oak, count: 3, p50: 80, p99: 100 }])
})

test('what a node wrote itself is not delivered to it', () => {
  deliveries.linked(ash)
  commit(1, 10)
  time = 20
  deliveries.applied(ash, docs, 1)
  expect(measured).toEqual([])
})

test('what was committed while the link was down does not count', () => {
  commit(1, 10)
  time = 60_000
  deliveries.linked(oak)
  commit(2, 60_010)
  apply(2, 60_050)
  expect(measured).toEqual([40])
})

test('a node that is gone is not told of any more', () => {
  commit(1, 1)
  apply(1, 2)
  deliveries.forget(oak)
  expect(deliveries.readings().byNode).toEqual([])
  expect(deliveries.readings().all.count).toBe(1)
})

function commit(head: number, at: number): void {
  time = at
  deliveries.durable({ folder: docs, head, author: ash })
}

function apply(seq: number, at: number): void {
  time = at
  deliveries.applied(oak, docs, seq)
}
