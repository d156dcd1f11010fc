import { ROOT_ID, SyncError, entryIdOf, type CommitRequest, type CommitResponse } from '@causeway/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { World, type TestNode } from '../test-support/world.ts'
import { CommitLine } from './commit-line.ts'

const DIRECTORY = { kind: 'directory', mode: 0o755 } as const

let world: World
let atlas: TestNode
let line: CommitLine
let events: string[]
let outcomes: string[]
let answer: (request: CommitRequest) => Promise<void>

beforeEach(() => {
  world = new World()
  atlas = world.join('atlas')
  events = []
  outcomes = []
  answer = async () => undefined
  const context = atlas.context()
  const commit = async (_: string, request: CommitRequest): Promise<CommitResponse> => {
    events.push(`sent ${request.operations.length} from ${request.operations[0]?.counter}`)
    await answer(request)
    return context.link.commit(context.folder, request)
  }
  line = new CommitLine(
    { ...context, link: { ...context.link, commit } },
    {
      approved: false,
      onOutcome: ({ path }, { kind }) => outcomes.push(`${path} ${kind}`),
      onAnswered: () => void events.push('answered'),
    },
  )
})

afterEach(() => world.close())

async function add(count: number): Promise<void> {
  for (let added = 0; added < count; added++) {
    const counter = line.takeCounter()
    const place = { parent: ROOT_ID, name: `d${counter}` }
    const entry = entryIdOf(atlas.id, counter)
    const operation = { kind: 'create', counter, entry, place, content: DIRECTORY } as const
    line.add(operation, { path: `d${counter}`, read: null, again: null }, null)
    await line.flushIfFull()
  }
}

test('what fills no commit is sent when the line is drained, and not at all where there is nothing', async () => {
  await line.drain()
  await add(2)
  expect(events).toEqual([])
  await line.drain()
  expect(events).toEqual(['sent 2 from 1', 'answered'])
  expect(outcomes).toEqual(['d1 accepted', 'd2 accepted'])
})

test('the next commit is put together while one is being sent, and goes out after its answer', async () => {
  let give: () => void = () => undefined
  answer = () => new Promise((resolve) => (give = resolve))
  await add(1_000)
  await add(5)
  expect(events).toEqual(['sent 1000 from 1'])
  const drained = line.drain()
  give()
  answer = async () => undefined
  await drained
  expect(events).toEqual(['sent 1000 from 1', 'answered', 'sent 5 from 1001', 'answered'])
})

test('each commit claims what the node had seen before its first operation', async () => {
  const clocks: unknown[] = []
  answer = async ({ clock }) => void clocks.push(clock)
  await add(1_001)
  await line.drain()
  expect(clocks).toMatchObject([{}, { atlas: 1_000 }])
})

test('what went wrong with a commit is said by whoever waits next, and nothing is sent after it', async () => {
  answer = async () => {
    throw new SyncError('offline', 'the request was lost')
  }
  await add(1_000)
  await add(1)
  await expect(line.drain()).rejects.toThrow('the request was lost')
  expect(events).toEqual(['sent 1000 from 1'])
})
