import { encodeChunkFrame, onlyChunkOf, entryIdOf, type Operation } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createOf, DEFAULT_FOLDER, fileOf, FRAMES, handClock, run, type TestNode } from '../test-support/running.ts'
import { createReserve } from '../upkeep/reserve.ts'

const LOG = { debug() {}, info() {}, warn() {}, error() {} }

async function given() {
  const clock = handClock(0)
  const disk = { freeBytes: 1_000_000, totalBytes: 10_000_000 }
  const disks = [{ path: '/data', space: async () => ({ ...disk }) }]
  const running = await run({ reserve: createReserve({ disks, reserveBytes: 500_000, timers: clock, log: LOG }) })
  const ash = await running.enrol('ash')
  return {
    running,
    ash,
    free(bytes: number) {
      disk.freeBytes = bytes
      clock.advance(1000)
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  }
}

const seen = (node: TestNode, counter: number) => ({ [node.id]: counter })

test('below the reserve, what brings bytes is refused by name, and all else in the same commit is taken', async () => {
  await using world = await given()
  const { ash, running } = world
  const [kept, gone] = [fileOf('kept'), fileOf('gone')]
  await ash.save('kept', 'kept', 1)
  await ash.save('gone', 'gone', 2)
  world.free(400_000)
  const fresh = fileOf('fresh bytes')
  const operations: Operation[] = [
    createOf(ash.id, 3, 'fresh', fresh.content),
    createOf(ash.id, 4, 'same bytes', kept.content),
    {
      kind: 'delete',
      counter: 5,
      entry: entryIdOf(ash.id, 2),
      seenContent: seen(ash, 2),
      seenPlace: seen(ash, 2),
      subtree: false,
    },
    createOf(ash.id, 6, 'empty', { ...gone.content, size: 0, hash: fileOf('').content.hash }),
  ]
  const { outcomes } = await ash.commit({ clock: seen(ash, 2), operations, contents: [fresh.named, kept.named] })
  expect(outcomes).toMatchObject([
    { kind: 'refused', refusal: 'no-room', detail: expect.stringContaining('takes no new contents') },
    { kind: 'accepted' },
    { kind: 'accepted' },
    { kind: 'accepted' },
  ])
  const { body } = await running.rest('GET', '/api/metrics')
  expect(body.storageProblems).toEqual([expect.stringContaining('new contents are refused')])
  expect(body.disk).toMatchObject({ reserveBytes: 500_000, isShort: true })
  expect((await ash.changes()).states.map(({ name }) => name)).not.toContain('fresh')

  world.free(1_000_000)
  const again = await ash.commit({
    clock: seen(ash, 6),
    operations: [createOf(ash.id, 7, 'fresh', fresh.content)],
    contents: [fresh.named],
  })
  expect(again.outcomes).toMatchObject([{ kind: 'accepted' }])
  expect((await running.rest('GET', '/api/metrics')).body.storageProblems).toEqual([])
})

test('an upload of chunks is refused before anything of it is stored', async () => {
  await using world = await given()
  world.free(400_000)
  const { named } = fileOf('a chunk')
  const chunk = onlyChunkOf(named.hash)
  const frame = encodeChunkFrame({ ...named, hash: chunk, size: named.bytes.length, compressed: false })
  const refused = await world.ash.call('chunks/upload', frame, FRAMES)
  expect(refused.status).toBe(507)
  const held = await world.running.coordinator.contents.missing(DEFAULT_FOLDER, [chunk])
  expect(held).toEqual([chunk])
})
