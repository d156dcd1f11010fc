import type { Client } from '@causeway/client'
import { expect, test } from 'vitest'
import { lookUntilSomethingWaits } from './watch.ts'

test('what a node has just said of itself is looked for until the coordinator has heard it', async () => {
  const open = [0, 0, 1]
  const client = {
    folders: async () => [{ id: 'demo', name: 'demo', openConflicts: open.shift() }],
    nodes: async () => [],
  } as unknown as Client
  const places = { dashboard: 'http://127.0.0.1:3000', stateOf: (node: string) => node }
  const waiting = await lookUntilSomethingWaits(client, places)
  expect(waiting.map(({ what }) => what)).toEqual([
    '1 conflict in demo waits for a choice. Both versions of each are kept.',
  ])
  expect(open).toEqual([])
})
