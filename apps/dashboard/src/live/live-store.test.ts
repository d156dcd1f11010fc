import type { Client, LiveOptions } from '@causeway/client'
import { FolderIdSchema, NodeIdSchema, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createLiveStore } from './live-store.ts'

const ash = NodeIdSchema.parse('ash')
const birch = NodeIdSchema.parse('birch')

test('what was told while an answer was under way is newer than the answer', async () => {
  const { store, live, answers } = await running()
  live.state('live')
  live.message({ kind: 'node', node: node(birch, { online: false }) })
  live.message({ kind: 'node-removed', node: ash })
  answers.shift()?.([node(ash), node(birch)])
  await turn()
  expect([...store.state.nodes.keys()]).toEqual([birch])
  expect(store.state.nodes.get(birch)?.online).toBe(false)
})

test('what was told before it was asked for is as the answer says', async () => {
  const { store, live, answers } = await running()
  live.message({ kind: 'node', node: node(birch, { online: false }) })
  live.state('live')
  answers.shift()?.([node(ash), node(birch)])
  await turn()
  expect(store.state.nodes.get(birch)?.online).toBe(true)
})

test('while one is away the others stay as they are known, whatever an answer says of them', async () => {
  const { store, live, answers } = await running()
  live.message({ kind: 'node', node: node(birch, { online: false, head: 1 }) })
  live.message({ kind: 'event', event: { position: 1, folder } as never })
  await new Promise((resolve) => setTimeout(resolve, 1100))
  live.message({ kind: 'node', node: node(ash, { head: 9 }) })
  answers.shift()?.([node(ash, { head: 5 }), node(birch, { online: false, head: 9 })])
  await turn()
  expect([ash, birch].map((id) => store.state.nodes.get(id)?.folders[0]?.head)).toEqual([9, 9])
})

const folder = FolderIdSchema.parse('docs')

/** A store that has begun with both nodes, and the answers it waits for, oldest first. */
async function running() {
  const answers: ((nodes: readonly NodeView[]) => void)[] = []
  let live: LiveOptions | undefined
  const client = {
    nodes: () => new Promise((resolve) => answers.push(resolve)),
    pastEvents: async () => [],
    live: (options: LiveOptions) => {
      live = options
      return new Promise(() => undefined)
    },
  } as unknown as Client
  const store = createLiveStore(client, (work) => work())
  void store.run(new AbortController().signal)
  answers.shift()?.([node(ash), node(birch)])
  await turn()
  if (live === undefined) throw new Error('the store did not connect')
  return { store, live, answers }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

function node(id: typeof ash, { online = true, head = 0 } = {}): NodeView {
  const member = { folder, node: id, access: 'read-write', paused: false, applied: 0, clock: {}, behind: 0 } as const
  const at = '2026-11-22T12:00:00.000Z'
  return {
    id,
    name: id,
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online,
    registeredAt: at,
    lastSeenAt: at,
    revoked: false,
    ordinal: 0,
    folders: [{ ...member, head, report: null }],
  }
}
