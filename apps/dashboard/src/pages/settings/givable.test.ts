import { FolderIdSchema, NodeIdSchema, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { offerOf, takersOf } from './givable.ts'

const PHOTOS = FolderIdSchema.parse('photos')

function node(name: string, change: Partial<NodeView> = {}): NodeView {
  return {
    id: NodeIdSchema.parse(name),
    name,
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '1.0.0',
    online: true,
    registeredAt: '',
    lastSeenAt: '',
    revoked: false,
    folders: [],
    ...change,
  }
}

test('a folder can be given to whoever has joined, does not carry it, and was not offered it', () => {
  const offer = { folder: PHOTOS, access: 'read-write', at: '' } as const
  const offered = node('offered', { offers: [offer] })
  const declined = node('declined', { offers: [{ ...offer, declined: true }] })
  const carrying = node('carrying', {
    folders: [
      {
        folder: PHOTOS,
        node: NodeIdSchema.parse('carrying'),
        access: 'read-write',
        paused: false,
        applied: 0,
        clock: {},
        head: 0,
        behind: 0,
        report: null,
      },
    ],
  })
  const free = node('free')
  const byHand = node('by-hand', { version: '', online: false })
  expect(takersOf(PHOTOS, [offered, declined, carrying, free, byHand])).toEqual([free])
  expect([offered, carrying].map((one) => offerOf(PHOTOS, one))).toEqual([offer, undefined])
})
