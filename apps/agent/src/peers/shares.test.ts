import { hash as hashOf } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ChunkIdSchema, NodeIdSchema, type ChunkId, type NodeId } from '@causeway/protocol'
import { dealOut, fetcherOf, rarestFirst } from './shares.ts'

const hashes = Array.from({ length: 40 }, (_, at) => ChunkIdSchema.parse(hashOf('sha256', `chunk ${at}`)))
const nodes = ['ash', 'birch', 'cedar', 'dogwood'].map((name) => NodeIdSchema.parse(name))
const [ash, birch] = nodes as [NodeId, NodeId]
const someOf = <T>(all: readonly T[]) => fc.subarray([...all])

test('what fewest nodes have comes first, and nothing is left out or added', () => {
  const holders = fc.tuple(...nodes.map(() => someOf(hashes)))
  fc.assert(
    fc.property(someOf(hashes), holders, (wanted, held) => {
      const map = new Map(nodes.map((node, at) => [node, new Set(held[at])]))
      const counts = (hash: ChunkId): number => held.filter((some) => some.includes(hash)).length
      const order = rarestFirst(wanted, map, ash)
      expect(order.toSorted()).toEqual(wanted.toSorted())
      expect(order.map(counts)).toEqual(order.map(counts).toSorted((a, b) => a - b))
    }),
    { numRuns: 50 },
  )
})

test('nodes begin with different ones of those that are equally rare', () => {
  const none = new Map<NodeId, ReadonlySet<ChunkId>>()
  expect(rarestFirst(hashes, none, ash).slice(0, 10)).not.toEqual(rarestFirst(hashes, none, birch).slice(0, 10))
})

test('all name the same node for a chunk, whatever the order in which they know of one another', () => {
  fc.assert(
    fc.property(someOf(nodes), fc.constantFrom(...hashes), (some, hash) => {
      expect(fetcherOf(hash, some)).toBe(fetcherOf(hash, some.toReversed()))
    }),
    { numRuns: 50 },
  )
  expect(new Set(hashes.map((hash) => fetcherOf(hash, nodes)))).toEqual(new Set(nodes))
})

test('each chunk is asked of one node that has it, and of each node no more than a chunk beyond its budget', () => {
  const holders = fc.tuple(...nodes.map(() => someOf(hashes)))
  const budgets = fc.tuple(...nodes.map(() => fc.integer({ min: 1, max: 100 })))
  fc.assert(
    fc.property(someOf(hashes), holders, budgets, (order, held, budget) => {
      const map = new Map(nodes.map((node, at) => [node, new Set(held[at])]))
      const budgetOf = (node: NodeId): number => budget[nodes.indexOf(node)] ?? 0
      const shares = dealOut(order, map, { sizeOf: () => 10, budgetOf })
      const all = [...shares.values()].flat()
      expect(new Set(all).size).toBe(all.length)
      for (const [node, share] of shares) {
        expect(share.every((hash) => map.get(node)?.has(hash))).toBe(true)
        expect((share.length - 1) * 10).toBeLessThan(budgetOf(node))
      }
      // What nobody is asked for is had by nobody, or by nodes that are asked for enough.
      for (const hash of order.filter((one) => !all.includes(one))) {
        const having = nodes.filter((node) => map.get(node)?.has(hash))
        expect(having.every((node) => (shares.get(node)?.length ?? 0) * 10 >= budgetOf(node))).toBe(true)
      }
    }),
    { numRuns: 50 },
  )
})
