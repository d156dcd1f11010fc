import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { ChangeBatch, EntryState } from '@causeway/protocol'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'
import { startLyingCoordinator, type Tampering } from './support/tampering.ts'

/** Its coordinator lies to ash; birch, with the honest one, lays out baits. What ash itself has is not in the others' way. */
const scene = shared(async (life) => {
  const scratch = await scratchDirectory(life, 'malicious')
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const lying = await startLyingCoordinator(life, coordinator.port)
  await mkdir(join(scratch, 'outside'))
  await writeFile(join(scratch, 'outside/precious.txt'), 'not synced')
  const link = await coordinator.invite({ folder: 'work', throughPort: lying.port })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'home/ash'), name: 'ash', link })
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  for (let i = 0; i < 40; i++) await writeFile(ash.path(`mine-${i}`), `of ash, ${i}`)
  await converged([ash, birch])
  return { scratch, coordinator, lying, ash, birch, outside: join(scratch, 'outside') }
})

afterEach(() => {
  scene().lying.tampering = {}
})

const LARGE = Buffer.alloc(300_000, 'what birch wrote')

const batchWith = (change: (state: EntryState) => object) => (batch: ChangeBatch) =>
  batch.states.some(({ name }) => name.startsWith('bait'))
    ? { ...batch, states: batch.states.map((state) => (state.name.startsWith('bait') ? change(state) : state)) }
    : batch
const named = (name: string): Tampering => ({ changes: batchWith((state) => ({ ...state, name })) })

const LIES: readonly (readonly [string, (outside: string) => Tampering])[] = [
  ['a name that climbs out', () => named('../outside/bait')],
  ['an absolute name', (outside) => named(join(outside, 'bait'))],
  ['the name of the marker directory', () => named('.Causeway')],
  ['an entry that lies in itself', () => ({ changes: batchWith((state) => ({ ...state, parent: state.id })) })],
  [
    'a small file with other bytes than its hash says',
    () => ({
      changes: (batch) =>
        batch.contents.length === 0
          ? batch
          : { ...batch, contents: batch.contents.map(({ hash }) => ({ hash, bytes: Buffer.from('forged') })) },
    }),
  ],
  [
    'chunks in which a bit was turned',
    () => ({
      changes: (batch) => ({ ...batch, contents: [], patches: [] }),
      chunks(body) {
        const forged = Buffer.from(body)
        forged.writeUInt8(forged.readUInt8(forged.length - 9) ^ 1, forged.length - 9)
        return forged
      },
    }),
  ],
  ['chunks of a size that no chunk has', () => ({ chunks: (body) => Buffer.concat([body.subarray(0, 32), ALL_ONES]) })],
  [
    'a file of four petabytes',
    () => ({ changes: batchWith((state) => ({ ...state, content: { ...state.content, size: 2 ** 52 } })) }),
  ],
  [
    'more changes than one message may name',
    () => ({ changes: (batch) => ({ ...batch, states: Array.from({ length: 5000 }, () => batch.states[0] ?? {}) }) }),
  ],
  ['counters beyond all bounds', () => ({ changes: (batch) => ({ ...batch, clock: { ash: 2 ** 53 } }) })],
  ['an empty list where there was something', () => ({ changes: (batch) => ({ ...batch, states: [], contents: [] }) })],
  [
    'that the log was set back to nothing',
    () => ({ changes: (batch) => ({ ...batch, reset: true, states: [], contents: [], head: 0, after: 0, clock: {} }) }),
  ],
  ['that nothing is there any more', () => ({ status: 404 })],
  ['that it is another coordinator', () => ({ answer: otherIdentity })],
]

const ALL_ONES = Buffer.alloc(1000, 0xff)

test.each(LIES)('%s: nothing is written outside, nothing is lost, and the truth is taken later', async (_what, lie) => {
  const { lying, ash, birch, outside } = scene()
  const before = lying.lies
  lying.tampering = lie(outside)
  const bait = `bait-${before}`
  // It asks who its coordinator is when it signs in.
  if (lying.tampering.answer !== undefined) {
    await ash.stop()
    ash.up()
  }
  await writeFile(birch.path(`${bait}.txt`), `small ${bait}`)
  await writeFile(birch.path(`${bait}.bin`), Buffer.concat([Buffer.from(bait), LARGE]))
  await birch.wait()
  await eventually('ash was lied to', async () => expect(await wasLiedTo(before)).toBe(true))
  // A save of its own makes it ask again, and again.
  await writeFile(ash.path('own.txt'), bait)
  await ash.run('wait', '--timeout', '2')

  await expectUntouched()
  const seen = await namesIn(ash)
  expect(seen.filter((name) => !/^(mine-\d+|own\.txt|bait-\d+\.(txt|bin))$/.test(name))).toEqual([])
  for (const name of seen.filter((one) => one.startsWith(`${bait}.`))) {
    // What has the name has the bytes.
    expect(await readFile(ash.path(name))).toEqual(await readFile(birch.path(name)))
  }

  const isRefused = lying.tampering.status !== undefined || lying.tampering.answer !== undefined
  lying.tampering = {}
  if (isRefused) {
    // It would try again, but only once in a while.
    await ash.stop()
    ash.up()
  }
  const tree = await converged([ash, birch])
  expect([...tree.keys()]).toEqual(expect.arrayContaining(['mine-0', 'mine-39', 'own.txt', `${bait}.txt`]))

  async function wasLiedTo(since: number): Promise<boolean> {
    if (lying.tampering.status !== undefined) return (await ash.status()).state !== 'idle'
    return lying.lies > since
  }
})

test('a directory that becomes a symlink leads nothing out', async () => {
  const { lying, ash, birch, outside } = scene()
  const before = lying.lies
  lying.tampering = {
    changes: (batch) =>
      batch.states.some(({ name }) => name === 'door')
        ? {
            ...batch,
            states: batch.states.map((state) =>
              state.name === 'door' ? { ...state, content: { kind: 'symlink', target: outside } } : state,
            ),
          }
        : batch,
  }
  await mkdir(birch.path('door'))
  await writeFile(birch.path('door/inside.txt'), 'through the door')
  await birch.wait()
  await eventually('ash was lied to', async () => expect(lying.lies).toBeGreaterThan(before))
  await ash.run('wait', '--timeout', '2')
  await expectUntouched()
  expect(await readdir(outside)).toEqual(['precious.txt'])
  lying.tampering = {}
})

test('a deletion of everything that no brake has counted waits for a person, and nothing is gone', async () => {
  const { lying, ash, birch } = scene()
  const known = new Map<string, EntryState>()
  lying.tampering = {
    changes(batch) {
      for (const state of batch.states) known.set(state.id, state)
      return batch
    },
  }
  for (let i = 0; i < 120; i++) await writeFile(birch.path(`theirs-${i}`), `of birch, ${i}`)
  await converged([ash, birch])
  expect(known.size).toBeGreaterThanOrEqual(120)

  lying.tampering = {
    changes: ({ states: _states, ...batch }) => ({ ...batch, states: tombstones([...known.values()], batch.clock) }),
  }
  await writeFile(birch.path('last.txt'), 'last')
  await eventually('ash halts', async () => expect((await ash.status()).state).toBe('halted'))
  await expectUntouched()
  for (let i = 0; i < 120; i++) expect(await readFile(ash.path(`theirs-${i}`), 'utf8')).toBe(`of birch, ${i}`)
})

function tombstones(states: readonly EntryState[], clock: ChangeBatch['clock']): EntryState[] {
  return states.map((state) => ({ ...state, deleted: true, existenceVector: clock }))
}

async function expectUntouched(): Promise<void> {
  const { scratch, ash, outside } = scene()
  expect(await readdir(outside)).toEqual(['precious.txt'])
  expect(await readFile(join(outside, 'precious.txt'), 'utf8')).toBe('not synced')
  expect((await readdir(join(scratch, 'home'))).toSorted()).toEqual(['ash', 'ash.state'])
  for (let i = 0; i < 40; i++) expect(await readFile(ash.path(`mine-${i}`), 'utf8')).toBe(`of ash, ${i}`)
}

async function namesIn(node: SyncNode): Promise<string[]> {
  return (await readdir(node.dir)).filter((name) => name !== '.causeway')
}

function otherIdentity(path: string, message: unknown): unknown {
  return path === '/link/v1/challenge' ? { ...Object(message), coordinator: 'somebody-else' } : message
}
