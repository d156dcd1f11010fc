import type { WatchHint } from '@causeway/replica'
import { beforeEach, expect, test } from 'vitest'
import { holdReplica, type HeldReplica } from './held-replica.ts'
import type { Replica } from './runner-ports.ts'

let events: string[]
let held: HeldReplica
let onHint: (hint: WatchHint) => void
let onProblem: (problem: string | undefined) => void
let startFails: boolean
let nowMs: number

beforeEach(() => {
  events = []
  startFails = false
  nowMs = 7
  held = holdReplica({
    async openReplica(watching) {
      events.push('opened')
      onProblem = watching.onProblem
      return replica()
    },
    onHint: ({ directory }) => events.push(`hint ${directory}`),
    onProblem: () => events.push(`problem ${held.watchProblem}`),
    now: () => nowMs,
  })
})

test('it is opened and watched once, until it is closed', async () => {
  expect(held.current).toBeUndefined()
  const opened = await held.open()
  expect(await held.open()).toBe(opened)
  expect(held.current).toBe(opened)
  await held.close()
  await held.close()
  expect(held.current).toBeUndefined()
  await held.open()
  expect(events).toEqual(['opened', 'watched', 'unwatched', 'nothing prefetched', 'closed', 'opened', 'watched'])
})

test('what happens in it is told, and when it last did', async () => {
  await held.open()
  expect(held.lastEventMs).toBeNull()
  onHint({ directory: 'docs', recursive: false })
  expect([held.lastEventMs, events.at(-1)]).toEqual([7, 'hint docs'])
})

test('what keeps it from being watched is told until it is closed', async () => {
  await held.open()
  onProblem('too many directories')
  expect([held.watchProblem, events.at(-1)]).toEqual(['too many directories', 'problem too many directories'])
  await held.close()
  expect(held.watchProblem).toBeUndefined()
})

test('one that can’t be watched is closed again', async () => {
  startFails = true
  await expect(held.open()).rejects.toThrow('no watch')
  expect(held.current).toBeUndefined()
  expect(events).toEqual(['opened', 'unwatched', 'nothing prefetched', 'closed'])
})

function replica(): Replica {
  return {
    // Nobody reads or writes here.
    files: undefined as never,
    transfer: { dropPrefetched: async () => void events.push('nothing prefetched') } as Partial<
      Replica['transfer']
    > as Replica['transfer'],
    watcher: {
      async start(listener) {
        if (startFails) throw new Error('no watch')
        onHint = listener
        events.push('watched')
      },
      async stop() {
        events.push('unwatched')
      },
    },
    close: () => void events.push('closed'),
  }
}
