import { NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { nodeColours } from './node-colours.ts'

const node = (id: string, ordinal: number) => ({ id: NodeIdSchema.parse(id), ordinal })

test('a node’s colour does not depend on which others are there, nor on their order', () => {
  const all = nodeColours([node('ash', 0), node('birch', 1), node('elm', 2)])
  const few = nodeColours([node('elm', 2), node('ash', 0)])
  expect(few.get('ash')).toBe(all.get('ash'))
  expect(few.get('elm')).toBe(all.get('elm'))
})

test('the first seven have colours of their own', () => {
  const nodes = Array.from({ length: 7 }, (_, at) => node(`n${at}`, at))
  expect(new Set(nodeColours(nodes).values()).size).toBe(7)
})
