import type { MetadataReader } from '@causeway/store'
import type { Timer } from '@causeway/time'
import { expect, test } from 'vitest'
import { createCutOff } from './cut-off.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

test('who holds a socket is sent away once the database has not answered four times in a row, and until it does', async () => {
  const world = new World()
  await world.pass(10)
  expect(world.sentAway).toBe(0)
  world.database = 'silent'
  await world.pass(4)
  expect(world.sentAway).toBe(0)
  await world.pass(3)
  expect(world.sentAway).toBe(3)
  await world.answer()
  await world.pass(10)
  expect(world.sentAway).toBe(3)
})

test('a database that refuses is asked again each time, and one refusal does no harm', async () => {
  const world = new World()
  world.database = 'refusing'
  await world.pass(3)
  world.database = 'there'
  await world.pass(1)
  world.database = 'refusing'
  await world.pass(4)
  expect(world.sentAway).toBe(0)
  await world.pass(1)
  expect(world.sentAway).toBe(1)
})

class World {
  database: 'there' | 'silent' | 'refusing' = 'there'
  sentAway = 0
  #tick: () => void = () => undefined
  #answer: () => void = () => undefined

  constructor() {
    const timer: Timer = { cancel() {}, unref: () => timer }
    createCutOff({
      metadata: { read: <T>(work: (tx: MetadataReader) => Promise<T>) => this.#read(work) },
      timers: { now: () => 0, after: () => timer, every: (_ms, work) => ((this.#tick = work), timer) },
      drain: { sendAway: () => void (this.sentAway += 1) },
      log: SILENT,
    }).start()
  }

  async pass(looks: number): Promise<void> {
    for (let look = 0; look < looks; look++) {
      this.#tick()
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  async answer(): Promise<void> {
    this.database = 'there'
    this.#answer()
    await new Promise((resolve) => setImmediate(resolve))
  }

  async #read<T>(_work: (tx: MetadataReader) => Promise<T>): Promise<T> {
    if (this.database === 'refusing') throw new Error('nothing answers there')
    if (this.database === 'silent') await new Promise<void>((resolve) => (this.#answer = resolve))
    // Nothing looks at what was read.
    return undefined as T
  }
}
