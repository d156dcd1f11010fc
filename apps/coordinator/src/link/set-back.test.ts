import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { counterOf } from '@causeway/engine'
import {
  COORDINATOR_ID,
  entryIdOf,
  LIMITS,
  NodeIdSchema,
  ROOT_ID,
  type CommitResponse,
  type Cursor,
  type EntryState,
  type NodeId,
  type Operation,
} from '@causeway/protocol'
import { openMemoryPackStore, type PackStore } from '@causeway/store'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InProcess, refusalOf } from '../test-support/in-process.ts'
import { DEFAULT_FOLDER, fileOf, handClock } from '../test-support/running.ts'

const DAY_MS = 24 * 60 * 60_000
const ash = NodeIdSchema.parse('ash')
const birch = NodeIdSchema.parse('birch')
const clock = handClock()

let directory: string
let packs: PackStore
let world: InProcess

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'causeway-'))
  packs = openMemoryPackStore()
  await open()
  await world.coordinator.folders.create('default')
  for (const name of ['ash', 'birch']) await world.enrol(name)
})

afterEach(async () => {
  await world.metadata.close()
  await rm(directory, { recursive: true })
})

async function open(): Promise<void> {
  world = await InProcess.open({ packs, clock, path: join(directory, 'db') })
}

/** Runs `work`, whose results the database then forgets. */
async function lose<T>(work: () => Promise<T>): Promise<T> {
  const [db, backup] = [join(directory, 'db'), join(directory, 'backup')]
  await world.metadata.close()
  await copyFile(db, backup)
  await open()
  const result = await work()
  await world.metadata.close()
  for (const suffix of ['-wal', '-shm']) await rm(db + suffix, { force: true })
  await copyFile(backup, db)
  await open()
  return result
}

const commit: InProcess['commit'] = (...args) => world.commit(...args)
const save: InProcess['save'] = (...args) => world.save(...args)
const changes: InProcess['changes'] = (...args) => world.changes(...args)

async function names(): Promise<string[]> {
  const { states } = await changes(ash)
  return states.flatMap(({ name, deleted }) => (deleted ? [] : [name])).sort()
}

async function clockNow() {
  return (await world.coordinator.folders.get(DEFAULT_FOLDER)).clock
}

async function stateOf(name: string): Promise<EntryState> {
  const state = (await changes(ash)).states.find((one) => one.name === name)
  if (state === undefined) throw new Error(`nothing is called ${name}`)
  return state
}

function receiptOf({ receipt }: CommitResponse): Cursor {
  if (receipt === undefined) throw new Error('there is no receipt')
  return receipt
}

/** The offer of a small file's state, with its bytes. */
function offer(node: NodeId, counter: number, state: EntryState): Promise<CommitResponse> {
  return commit(node, [{ kind: 'offer', counter, state }], { contents: [fileOf(state.name).named] })
}

describe('an offer', () => {
  test('is refused while nothing shows that the log was set back', async () => {
    await save(ash, 1, 'one')
    const state = await stateOf('one')
    const forged = { ...state, name: 'other', placeVector: { ash: LIMITS.counter } }
    expect(refusalOf(await commit(birch, [{ kind: 'offer', counter: 1, state: forged }]))).toBe('not-set-back')
    expect(await names()).toEqual(['one'])
    expect(await clockNow()).toEqual({ ash: 1 })
  })

  test('is taken once a receipt proves that something was lost', async () => {
    await save(ash, 1, 'one')
    const [receipt, lost] = await lose(async () => [await save(ash, 2, 'two'), await stateOf('two')] as const)
    expect(await changes(ash, receiptOf(receipt))).toMatchObject({ reset: true, setBack: true })
    expect(refusalOf(await offer(ash, 3, lost))).toBeNull()
    expect(await names()).toEqual(['one', 'two'])
    // Whoever proved nothing is told too, and may offer.
    expect(await changes(birch)).toMatchObject({ setBack: true })
  })

  test('is taken from a cursor alone, as a node has it that never wrote anything', async () => {
    await save(ash, 1, 'one')
    const cursor = await lose(async () => {
      await save(ash, 2, 'two')
      return (await changes(birch)).cursor
    })
    expect(await changes(birch, undefined, cursor)).toMatchObject({ reset: true, setBack: true })
  })

  test('proves nothing by a position that was made up, or by a tag of the old kind', async () => {
    const receipt = receiptOf(await save(ash, 1, 'one'))
    const forged = [
      { ...receipt, seq: 7 },
      { ...receipt, tag: 'A'.repeat(receipt.tag.length) },
      { ...receipt, seq: 7, tag: '0123456789abcdef' },
    ]
    for (const proof of forged) expect((await changes(birch, proof)).setBack).toBeUndefined()
    expect(await clockNow()).toEqual({ ash: 1 })
  })

  test('can lift no counter out of reach, nor fill the clock with names', async () => {
    await save(ash, 1, 'one')
    const receipt = await lose(() => save(ash, 2, 'two'))
    await changes(ash, receiptOf(receipt))
    const state = await stateOf('one')
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`ghost${index}`, 1]))
    let counter = 1
    for (const contentVector of [{ ash: 2 ** 40 }, { coordinator: 2 ** 40 }, { ghost: 2 ** 40 }, many]) {
      const offered = { ...state, contentVector: { ...state.contentVector, ...contentVector } }
      expect(refusalOf(await commit(birch, [{ kind: 'offer', counter: counter++, state: offered }]))).toBe('ahead')
    }
    expect(refusalOf(await save(ash, 3, 'three'))).toBeNull()
  })

  test('is no longer taken after a month, and an old proof that is shown again opens nothing', async () => {
    await save(ash, 1, 'one')
    const [answer, lost] = await lose(async () => [await save(ash, 2, 'two'), await stateOf('two')] as const)
    await changes(ash, receiptOf(answer))
    clock.advance(31 * DAY_MS)
    expect((await changes(birch, receiptOf(answer))).setBack).toBeUndefined()
    expect(refusalOf(await offer(birch, 1, lost))).toBe('not-set-back')
  })
})

test('each set-back moves the coordinator’s own counter once, however much is offered', async () => {
  await save(ash, 1, 'one')
  const [answer, lost] = await lose(async () => [await save(ash, 2, 'two'), await stateOf('two')] as const)
  await changes(ash, receiptOf(answer))
  const leapt = counterOf(await clockNow(), COORDINATOR_ID)
  expect(leapt).toBeGreaterThan(1_000_000_000)
  expect(leapt).toBeLessThan(LIMITS.counter / 1000)
  await changes(birch, receiptOf(answer))
  for (let counter = 3; counter < 6; counter++) await offer(ash, counter, lost)
  expect(counterOf(await clockNow(), COORDINATOR_ID)).toBe(leapt)
})

test('a second return to the same backup is proved by what was given out after the first', async () => {
  await save(ash, 1, 'one')
  const between = await lose(async () => {
    // Within the time that is lost, the log is set back once more.
    const first = await lose(() => save(ash, 2, 'two'))
    await changes(ash, receiptOf(first))
    return save(ash, 3, 'three')
  })
  expect(await changes(ash, receiptOf(between))).toMatchObject({ reset: true, setBack: true })
})

test('tombstones that are offered count for the brake, and a node that only sends may offer none', async () => {
  for (let counter = 1; counter <= 40; counter++) await save(ash, counter, `file ${counter}`)
  const live = (await changes(ash)).states
  const answer = await lose(() => save(ash, 41, 'lost'))
  await changes(ash, receiptOf(answer))
  const tombstones = live.map((state) => ({ ...state, deleted: true, existenceVector: { ash: 40, birch: 1 } }))
  const offers = tombstones.map((state, index): Operation => ({ kind: 'offer', counter: index + 2, state }))
  const { outcomes } = await commit(birch, offers)
  expect(new Set(outcomes.map((outcome) => outcome.kind === 'refused' && outcome.refusal))).toEqual(new Set(['halted']))
  expect(await names()).toHaveLength(40)
  expect((await world.coordinator.folders.get(DEFAULT_FOLDER)).halted).toContain('40 of 40')
  const cedar = NodeIdSchema.parse('cedar')
  await world.enrol('cedar', 'send-only')
  expect(refusalOf(await commit(cedar, offers.slice(0, 1)))).toBe('no-write-access')
  // What a few offers ended counts with what comes after.
  await commit(birch, offers.slice(0, 15))
  expect(refusalOf(await commit(birch, offers.slice(15, 30)))).toBe('halted')
  expect(await names()).toHaveLength(25)
})

test('an offered tombstone that lies in itself is refused, and what follows is answered', async () => {
  await save(ash, 1, 'one')
  await changes(ash, receiptOf(await lose(() => save(ash, 2, 'two'))))
  const id = entryIdOf(birch, 1)
  const state: EntryState = { ...(await stateOf('one')), id, parent: id, deleted: true, placeVector: { birch: 1 } }
  expect(refusalOf(await commit(birch, [{ kind: 'offer', counter: 2, state }]))).toBe('invalid')
  const lost = entryIdOf(birch, 9)
  const dangling = { ...state, id: lost, parent: entryIdOf(birch, 8) }
  expect(refusalOf(await commit(birch, [{ kind: 'offer', counter: 3, state: dangling }]))).toBeNull()
  expect((await changes(ash)).states.find((one) => one.id === lost)).toMatchObject({ parent: ROOT_ID })
  expect(refusalOf(await save(ash, 3, 'three'))).toBeNull()
})

test('an offered tombstone under a name that no node can have does not come back with what is put into it', async () => {
  await save(ash, 1, 'one')
  await changes(ash, receiptOf(await lose(() => save(ash, 2, 'two'))))
  const id = entryIdOf(birch, 9)
  const content = { kind: 'directory', mode: 0o755 } as const
  const given = { ...(await stateOf('one')), id, content, name: '.Causeway', deleted: true, placeVector: { birch: 1 } }
  expect(refusalOf(await commit(birch, [{ kind: 'offer', counter: 2, state: given }]))).toBeNull()
  const place = { parent: id, name: 'inner' }
  const inside: Operation = { kind: 'create', counter: 10, entry: entryIdOf(birch, 10), place, content }
  expect(refusalOf(await commit(birch, [inside]))).toBe('unplaceable')
  const into: Operation = { kind: 'move', counter: 11, entry: (await stateOf('one')).id, basedOn: {}, place }
  expect(refusalOf(await commit(birch, [into]))).toBe('unplaceable')
  expect(await names()).toEqual(['one'])
})

test('an id that another node is about to use is taken from it, and its own create is not mixed up with it', async () => {
  await save(ash, 1, 'one')
  await changes(ash, receiptOf(await lose(() => save(ash, 2, 'two'))))
  const state = { ...(await stateOf('one')), id: entryIdOf(ash, 3), name: 'forged', placeVector: { birch: 1 } }
  await commit(birch, [{ kind: 'offer', counter: 2, state }])
  expect(refusalOf(await save(ash, 3, 'mine'))).toBe('counter-used')
  expect(refusalOf(await save(ash, 4, 'mine'))).toBeNull()
  expect(await names()).toEqual(['forged', 'mine', 'one'])
})
