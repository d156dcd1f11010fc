import { FolderIdSchema, NodeIdSchema, type FolderReport } from '@causeway/protocol'
import { openMemoryPackStore } from '@causeway/store'
import type { Timer, Timers } from '@causeway/time'
import { expect, onTestFinished, test } from 'vitest'
import { createCoordinator } from '../coordinator.ts'
import { createBroadcasts, type BroadcastMessages, type Broadcasts } from '../ports/broadcasts.ts'
import { InProcess } from '../test-support/in-process.ts'
import { handClock } from '../test-support/running.ts'
import type { NodePresence } from './presence.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const [ADA, BOB] = [NodeIdSchema.parse('ada'), NodeIdSchema.parse('bob')]
const FOLDER = FolderIdSchema.parse('docs')

test('a node that is linked to one coordinator is there for all, with what it reports, until it leaves', async () => {
  const world = await World.open()
  const [ash, birch] = [world.coordinator(), world.coordinator()]
  const leave = ash.arrived(ADA)
  ash.reported(ADA, reportOf('syncing'))
  expect([birch.isOnline(ADA), birch.report(ADA, FOLDER)?.state]).toEqual([true, 'syncing'])
  expect([ash.online(), birch.online()]).toEqual([
    { here: 1, anywhere: 1 },
    { here: 0, anywhere: 1 },
  ])
  expect(birch.reports()).toEqual([])
  const back = birch.arrived(ADA)
  leave()
  expect([ash.isOnline(ADA), birch.isOnline(ADA)]).toEqual([true, true])
  back()
  expect([ash.isOnline(ADA), birch.isOnline(ADA), birch.report(ADA, FOLDER)]).toEqual([false, false, null])
})

test('a coordinator that starts, or could not hear for a while, learns who is linked to the others', async () => {
  const world = await World.open()
  const ash = world.coordinator()
  ash.arrived(ADA)
  ash.reported(ADA, reportOf('halted'))
  const birch = world.coordinator()
  expect([birch.isOnline(ADA), birch.report(ADA, FOLDER)?.state]).toEqual([true, 'halted'])
  world.isCut = true
  ash.arrived(BOB)
  expect(birch.isOnline(BOB)).toBe(false)
  world.isCut = false
  world.missed()
  expect(birch.isOnline(BOB)).toBe(true)
})

test('the nodes of a coordinator that is not heard any more are taken for gone, and pages hear of it', async () => {
  const world = await World.open()
  const [ash, birch] = [world.coordinator(), world.coordinator()]
  ash.arrived(ADA)
  world.pass(60_000)
  expect(birch.isOnline(ADA)).toBe(true)
  const moved: string[] = []
  birch.onMovedElsewhere((node) => moved.push(node))
  world.isCut = true
  world.pass(20_000)
  expect(birch.isOnline(ADA)).toBe(true)
  world.pass(20_000)
  expect([birch.isOnline(ADA), ash.isOnline(ADA), moved]).toEqual([false, true, [ADA]])
  world.isCut = false
  world.pass(10_000)
  expect([birch.isOnline(ADA), moved]).toEqual([true, [ADA, ADA]])
})

/** Coordinators on one store, whose broadcasts come to all of them, and whose time is moved by hand. */
class World {
  isCut = false
  #now = 0
  readonly #home: InProcess
  readonly #beats: { readonly every: number; readonly work: () => void }[] = []
  readonly #all: { readonly broadcasts: Broadcasts; readonly missed: () => void }[] = []

  private constructor(home: InProcess) {
    this.#home = home
  }

  static async open(): Promise<World> {
    const home = await InProcess.open({ packs: openMemoryPackStore(), clock: handClock() })
    onTestFinished(() => home.metadata.close())
    return new World(home)
  }

  coordinator(): NodePresence {
    const here = createBroadcasts(SILENT)
    const { presence, context } = createCoordinator({
      id: 'test',
      metadata: this.#home.metadata,
      packs: openMemoryPackStore(),
      timers: this.#timers(),
      broadcasts: {
        subscribe: here.subscribe,
        publish: (topic, message) => {
          here.publish(topic, message)
          this.#bring(here, topic, message)
        },
      },
    })
    this.#all.push({ broadcasts: here, missed: () => context.signals.publish('missed', {}) })
    // It was asked before it could be heard: as where a line opens.
    context.broadcasts.publish('who-is-linked', { from: context.speaker })
    onTestFinished(() => presence.settled())
    return presence
  }

  missed(): void {
    for (const { missed } of this.#all) missed()
  }

  pass(milliseconds: number): void {
    const until = this.#now + milliseconds
    while (this.#now < until) {
      this.#now += 1_000
      for (const { every, work } of this.#beats) if (this.#now % every === 0) work()
    }
  }

  #bring<Topic extends keyof BroadcastMessages>(from: Broadcasts, topic: Topic, message: BroadcastMessages[Topic]) {
    if (this.isCut) return
    for (const { broadcasts } of this.#all) if (broadcasts !== from) broadcasts.publish(topic, message)
  }

  #timers(): Timers {
    const never: Timer = { cancel() {}, unref: () => never }
    return {
      now: () => this.#now,
      after: () => never,
      every: (every, work) => {
        this.#beats.push({ every, work })
        return never
      },
    }
  }
}

function reportOf(state: FolderReport['state']): FolderReport {
  return { folder: FOLDER, state, cursor: 3, pendingUp: 0, pendingDown: 0, problems: [], transfer: null }
}
