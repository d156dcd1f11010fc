import { NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { nodeNames } from './node-names.ts'

test('nodes go by their names; where two have the same one, the id says which', () => {
  const authors = [
    ['n1', 'atlas'],
    ['n2', 'vm'],
    ['n3', 'vm'],
  ].map(([node, name = '']) => ({ node: NodeIdSchema.parse(node), name }))
  const nameOf = nodeNames(authors)
  expect(['n1', 'n2', 'n3', 'gone'].map(nameOf)).toEqual(['atlas', 'vm (n2)', 'vm (n3)', 'gone'])
})
