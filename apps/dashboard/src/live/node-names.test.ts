import { NodeIdSchema, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { nodeNames } from './node-names.ts'

test('a node is called by its name, and by its id too where another has the same name', () => {
  const names = nodeNames([node('ash-1', 'ash'), node('ash-2', 'ash'), node('birch-1', 'birch')])
  expect(Object.fromEntries(names)).toEqual({ 'ash-1': 'ash (ash-1)', 'ash-2': 'ash (ash-2)', 'birch-1': 'birch' })
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
