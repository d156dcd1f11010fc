import { NodeIdSchema, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { nodeNames, toldApart } from './node-names.ts'

test('a node is called by its name, and by the end of its id too where another has the same name', () => {
  const names = nodeNames([node('vm-3fa2c1', 'vm'), node('vm-90ab12', 'vm'), node('birch-1', 'birch')])
  expect(Object.fromEntries(names)).toEqual({
    'vm-3fa2c1': 'vm (3fa2c1)',
    'vm-90ab12': 'vm (90ab12)',
    'birch-1': 'birch',
  })
})

test('where the ends of the ids are the same too, the whole ids tell', () => {
  const names = nodeNames([node('a-1', 'vm'), node('b-1', 'vm')])
  expect([...names.values()]).toEqual(['vm (a-1)', 'vm (b-1)'])
})

test('nothing in a name turns text around or hides', () => {
  expect(nodeNames([node('a-1', '\u202Eedon')]).get('a-1')).toBe('\\u202eedon')
})

test('the nodes themselves can be had under the names that tell them apart', () => {
  const nodes = toldApart([node('vm-1', 'vm'), node('vm-2', 'vm')])
  expect(nodes.map(({ id, name }) => [id, name])).toEqual([
    ['vm-1', 'vm (1)'],
    ['vm-2', 'vm (2)'],
  ])
})

function node(id: string, name: string): NodeView {
  return {
    id: NodeIdSchema.parse(id),
    name,
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    registeredAt: '',
    lastSeenAt: '',
    revoked: false,
    folders: [],
  }
}
