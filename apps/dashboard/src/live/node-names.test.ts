import { NodeIdSchema, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { nodeNames } from './node-names.ts'

test('a node is called by its name, and by the end of its id too where another has the same name', () => {
  const names = nodeNames([node('vm-3f2a91', 'vm'), node('vm-77b0c4', 'vm'), node('birch-1', 'birch')])
  expect([...names.values()]).toEqual(['vm (3f2a91)', 'vm (77b0c4)', 'birch'])
})

test('where the ends are the same as well, the whole ids are shown', () => {
  const names = nodeNames([node('ash-1', 'vm'), node('elm-1', 'vm')])
  expect([...names.values()]).toEqual(['vm (ash-1)', 'vm (elm-1)'])
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
