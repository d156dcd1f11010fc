import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderIdSchema, NodeIdSchema, SyncError, type ChangeBatch } from '@causeway/protocol'
import { openReplicaState, type OpenReplicaState, type WatchHint } from '@causeway/replica'
import { cheapestFirst } from '../transfer/chunks/cheapest-first.ts'
import { CycleMemory } from '../cycle/cycle-memory.ts'
import type { CycleContext, CycleReport, HaltChoice, ScanScope } from '../cycle/cycle-context.ts'
import type { SaveStopwatch } from '../ports.ts'
import { createMemoryLink, type MemoryLink } from '../transfer/test-support/memory-link.ts'
import { createFolderRunner } from './folder-runner.ts'
import type { FolderRunner } from './runner-ports.ts'
import { WHOLE_TREE } from './hints.ts'
import { createSaveStopwatch } from './save-stopwatch.ts'
import { CLEAN } from './test-support/cycle-report.ts'
import { virtualClock } from './test-support/virtual-clock.ts'

const folder = FolderIdSchema.parse('work')
const node = NodeIdSchema.parse('ash')
let clock: ReturnType<typeof virtualClock>
/** As people have set it. */
let wallMs: number
let state: OpenReplicaState
let link: MemoryLink
let memory: CycleMemory
let saves: SaveStopwatch
let runner: FolderRunner
let scopes: ScanScope[]
let received: ChangeBatch[]
let stateIsGone: boolean
let lifted: HaltChoice[]
let told: string[]
let hint: (hint: WatchHint) => void
let watchers: { started: number; stopped: number }
/** Uploads of other nodes, by name. */
let prefetched: string[]
/** What the cycles do, one after the other; the last one again and again. */
let script: ((context: CycleContext, signal: AbortSignal) => CycleReport | Promise<CycleReport>)[]

const moveNothing = (): Promise<never> => Promise.reject(new Error('no cycle of this test moves bytes'))
const coming = { upload: 'ash-1', sizeBytes: 10_000_000, first: 0, chunks: new Uint8Array(36) }

beforeEach(() => {
  clock = virtualClock()
  wallMs = Date.UTC(2026, 0, 1)
  state = openReplicaState({ path: ':memory:', folder, node })
  link = createMemoryLink()
  scopes = []
  received = []
  stateIsGone = false
  lifted = []
  told = []
  watchers = { started: 0, stopped: 0 }
  prefetched = []
  script = [() => CLEAN]
  memory = new CycleMemory(state)
  saves = createSaveStopwatch({ now: clock.now, onSaved: (tookMs) => told.push(`saved ${tookMs}`) })
  runner = createFolderRunner({
    name: 'Work',
    directory: '/work',
    context: {
      folder,
      node,
      nodeName: 'ash',
      access: 'read-write',
      state,
      link,
      now: clock.now,
      wallNow: () => wallMs,
      progress: { planned() {}, moved() {}, finished() {} },
      saves,
      memory,
    },
    cycle: {
      async run(context, scope, signal) {
        scopes.push(scope)
        const step = script.length > 1 ? script.shift() : script[0]
        return step?.(context, signal) ?? CLEAN
      },
      receive: (_context, batch) => void received.push(batch),
      liftHalt: (_context, choice) => void lifted.push(choice),
    },
    async openReplica() {
      return {
        // No cycle of this test looks at the disk.
        files: undefined as never,
        transfer: {
          chunks: cheapestFirst([]),
          upload: moveNothing,
          uploadWhole: moveNothing,
          download: moveNothing,
          prefetch: (coming) => void prefetched.push(coming.upload),
          dropPrefetched: async () => void (prefetched.length = 0),
        },
        watcher: {
          async start(onHint) {
            watchers.started++
            hint = onHint
          },
          async stop() {
            watchers.stopped++
          },
        },
        close() {},
      }
    },
    events: {
      changed() {},
      follow: () => void told.push('follow'),
      applied: () => void told.push('applied'),
      saved() {},
    },
    checkState() {
      if (stateIsGone) throw new SyncError('state-missing', 'the state directory /state is gone')
    },
    counter: {
      snapshot: () => null,
      bytesPerSecond: () => 0,
      secondsLeft: () => null,
      work: () => null,
      brokeOff() {},
      isStalled: () => false,
      reset() {},
    },
    sleep: clock.sleep,
  })
  runner.start()
})

afterEach(async () => {
  await runner.stop()
  state.close()
})

test('it begins with a look at everything, and asks for changes', async () => {
  await clock.idle()
  expect(scopes).toEqual([{ directories: [WHOLE_TREE], pull: true }])
  expect(runner.status).toMatchObject({ state: 'idle', name: 'Work', problems: [] })
})

test('hints that arrive during a cycle make one more, not many', async () => {
  await clock.idle()
  const gate = Promise.withResolvers<CycleReport>()
  script = [() => gate.promise, () => CLEAN]
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  hint({ directory: 'b', recursive: false })
  hint({ directory: 'c', recursive: true })
  hint({ directory: 'c/d', recursive: false })
  gate.resolve(CLEAN)
  await clock.idle()
  expect(scopes.slice(1).map(({ directories }) => directories)).toEqual([
    [{ directory: 'a', recursive: false }],
    [
      { directory: 'b', recursive: false },
      { directory: 'c', recursive: true },
    ],
  ])
})

test('while it is followed a cycle need not ask for changes; after a gap it asks again', async () => {
  await clock.idle()
  runner.linkUp()
  await clock.idle()
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  runner.fellBehind(9)
  await clock.idle()
  hint({ directory: 'b', recursive: false })
  await clock.idle()
  runner.linkDown('gone')
  await clock.idle()
  hint({ directory: 'c', recursive: false })
  await clock.idle()
  expect(scopes.map(({ pull }) => pull)).toEqual([true, true, false, true, false, true, true])
  expect(told.filter((what) => what === 'follow')).toHaveLength(2)
})

test('a pushed batch is taken between cycles; one that is known already is left out', async () => {
  await clock.idle()
  state.setCursor({ epoch: 'e', seq: 5, tag: '' })
  runner.received(batch(5))
  runner.received(batch(6))
  await clock.idle()
  expect(received.map(({ cursor }) => cursor.seq)).toEqual([6])
})

test('a pushed batch that leaves nothing to do takes no cycle, and what was to be told is told', async () => {
  await clock.idle()
  memory.apply.mayHoldUnknown = false
  runner.linkUp()
  await clock.idle()
  told = []
  const before = scopes.length
  runner.received(batch(6))
  await clock.idle()
  expect(received.map(({ cursor }) => cursor.seq)).toEqual([6])
  expect(scopes).toHaveLength(before)
  expect(told).toEqual(['applied'])

  memory.pull.log.note('missed')
  runner.received(batch(7))
  await clock.idle()
  expect(scopes).toHaveLength(before + 1)
})

test('after a failed cycle with pushed batches the changes are asked for, and followed anew', async () => {
  await clock.idle()
  runner.linkUp()
  await clock.idle()
  told = []
  script = [() => Promise.reject(new SyncError('io-error', 'the disk refused')), () => CLEAN]
  runner.received(batch(6))
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'syncing', problems: [{ path: '', code: 'io-error' }] })
  await clock.advance(1_000)
  expect(scopes.at(-1)?.pull).toBe(true)
  expect(told).toContain('follow')
  expect(runner.status).toMatchObject({ state: 'idle', problems: [] })
})

test('hints of a cycle that failed are looked at again', async () => {
  await clock.idle()
  script = [() => Promise.reject(new SyncError('offline', 'no coordinator')), () => CLEAN]
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'offline', reason: 'no coordinator', problems: [] })
  await clock.advance(1_000)
  expect(scopes.at(-1)?.directories).toEqual([{ directory: 'a', recursive: false }])
  expect(runner.status.state).toBe('idle')
})

test('while the coordinator is away attempts become rarer; when the link stands it is tried at once', async () => {
  await clock.idle()
  script = [() => Promise.reject(new SyncError('offline', 'no coordinator'))]
  hint({ directory: 'a', recursive: false })
  await clock.advance(60_000)
  const inFirstMinute = scopes.length
  expect(inFirstMinute).toBeLessThan(20)
  script = [() => CLEAN]
  runner.linkUp()
  await clock.idle()
  expect(runner.status.state).toBe('idle')
})

test('a root that vanished halts the folder, and heals by itself with a new watcher when it is back', async () => {
  await clock.idle()
  script = [() => Promise.reject(new SyncError('root-missing', 'nothing is mounted')), () => CLEAN]
  hint({ directory: '', recursive: true })
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'halted', reason: 'nothing is mounted' })
  expect(watchers).toEqual({ started: 1, stopped: 1 })
  await clock.advance(1_000)
  expect(runner.status.state).toBe('idle')
  expect(watchers).toEqual({ started: 2, stopped: 1 })
})

test('a halt stays until a person lifts it', async () => {
  await clock.idle()
  const halted = {
    ...CLEAN,
    pendingUp: 40,
    halted: { reason: '40 of 50 would go', removed: 40, live: 50, sample: [], held: null },
  }
  script = [() => halted]
  hint({ directory: '', recursive: true })
  await clock.advance(120_000)
  expect(runner.status).toMatchObject({ state: 'halted', reason: '40 of 50 would go', pendingUp: 40 })
  expect(lifted).toEqual([])
  script = [() => CLEAN]
  runner.resume('let-go')
  await clock.idle()
  expect(lifted).toEqual(['let-go'])
  expect(runner.status.state).toBe('idle')
})

test('once a person has decided, what is done about a halt is shown, not that it waits', async () => {
  await clock.idle()
  const held = { from: 'here', files: 40, bytes: 1, directories: [], moreDirectories: 0 } as const
  script = [() => ({ ...CLEAN, halted: { reason: '40 of 50 would go', removed: 40, live: 50, sample: [], held } })]
  hint({ directory: '', recursive: true })
  await clock.idle()
  const gate = Promise.withResolvers<CycleReport>()
  script = [() => gate.promise, () => CLEAN]
  runner.resume('put-back')
  await clock.idle()
  expect(lifted).toEqual(['put-back'])
  expect(runner.status).toMatchObject({ state: 'scanning', halted: null })
  gate.resolve(CLEAN)
  await clock.idle()
  expect(runner.status.state).toBe('idle')
})

test('where nothing is held back, nothing is put back: a delete of this moment is meant', async () => {
  await clock.idle()
  runner.resume('put-back')
  await clock.idle()
  expect(lifted).toEqual([])
})

test('while it is paused nothing runs; then everything is looked at, asked for and followed anew', async () => {
  await clock.idle()
  runner.linkUp()
  await clock.idle()
  const before = scopes.length
  told = []
  runner.setPaused(true)
  hint({ directory: 'a', recursive: false })
  runner.received(batch(6))
  await clock.advance(60 * 60_000)
  expect(scopes).toHaveLength(before)
  expect(received).toEqual([])
  expect(runner.status).toMatchObject({ state: 'paused', reason: 'paused by a person', problems: [] })
  expect(await runner.settle(new AbortController().signal)).toMatchObject({
    kind: 'halted',
    reason: 'paused by a person',
    code: 'paused',
  })
  runner.setPaused(false)
  await clock.idle()
  expect(scopes.slice(before)).toEqual([{ directories: [WHOLE_TREE], pull: true }])
  expect(told).toContain('follow')
  expect(runner.status.state).toBe('idle')
})

test('a folder that is paused while a cycle runs is paused after it, and whoever waits is told', async () => {
  await clock.idle()
  const gate = Promise.withResolvers<CycleReport>()
  script = [() => gate.promise, () => CLEAN]
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  const settled = runner.settle(new AbortController().signal)
  runner.setPaused(true)
  expect(await settled).toMatchObject({ kind: 'halted', reason: 'paused by a person', code: 'paused' })
  gate.resolve(CLEAN)
  await clock.idle()
  expect(runner.status.state).toBe('paused')
})

test.each([
  ['a pause', () => [true, false].forEach((paused) => runner.setPaused(paused))],
  ['a change of rights', () => runner.setAccess('send-only')],
])('what was saved before %s is not timed, as it waited for a person', async (_name, act) => {
  await clock.idle()
  saves.noticed('before')
  act()
  saves.noticed('after')
  for (const path of ['before', 'after']) saves.accepted(path)
  expect(told.filter((what) => what.startsWith('saved'))).toEqual(['saved 0'])
})

test('a refusal because of a pause is a state, not a problem, and is tried again by itself', async () => {
  await clock.idle()
  script = [() => Promise.reject(new SyncError('paused', 'a person has paused work on ash')), () => CLEAN]
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'paused', problems: [] })
  await clock.advance(1_000)
  expect(runner.status.state).toBe('idle')
})

test.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('a wall clock that is set %s by an hour holds up nothing', async (_way, jumpMs) => {
  await clock.idle()
  wallMs += jumpMs
  script = [
    () => {
      throw new SyncError('io-error', 'once')
    },
    () => CLEAN,
  ]
  hint({ directory: 'a', recursive: false })
  // A pause after a failure, a look that is due by itself, and a hint: none of them asks what time it is.
  await clock.advance(1_000)
  expect(runner.status).toMatchObject({ state: 'idle', lastInSyncAt: new Date(wallMs).toISOString() })
  await clock.advance(10 * 60_000)
  const here = { directory: 'a', recursive: false }
  const looks = scopes.map(({ directories }) => directories)
  expect(looks.slice(0, 3)).toEqual([[WHOLE_TREE], [here], [here]])
  expect(looks.slice(3)).toContainEqual([WHOLE_TREE])
})

test('a quiet folder is looked through every ten minutes', async () => {
  await clock.idle()
  await clock.advance(9 * 60_000)
  expect(scopes).toHaveLength(1)
  await clock.advance(2 * 60_000)
  expect(scopes).toHaveLength(2)
  expect(scopes[1]?.directories).toEqual([WHOLE_TREE])
})

test('what a cycle wants to see again is seen again, with growing pauses while it does not rest', async () => {
  await clock.idle()
  script = [() => ({ ...CLEAN, pendingUp: 1, rescan: [{ directory: 'log', recursive: false }], rescanAfterMs: 10 })]
  hint({ directory: 'log', recursive: false })
  await clock.advance(50_000)
  expect(scopes.length).toBeGreaterThan(10)
  expect(scopes.length).toBeLessThan(80)
  expect(scopes.at(-1)?.directories).toEqual([{ directory: 'log', recursive: false }])
})

test('what was changed again and again is seen soon after the last change', async () => {
  await clock.idle()
  script = [() => ({ ...CLEAN, pendingUp: 1, rescan: [{ directory: 'film', recursive: false }], rescanAfterMs: 40 })]
  for (let writes = 0; writes < 30; writes++) {
    hint({ directory: 'film', recursive: false })
    await clock.advance(5)
  }
  script = [() => CLEAN]
  await clock.advance(50)
  expect(runner.status).toMatchObject({ state: 'idle', pendingUp: 0 })
})

test('while more and more is being removed, looks are as far apart as deletes wait', async () => {
  await clock.idle()
  script = [() => ({ ...CLEAN, pendingUp: 1, rescan: [WHOLE_TREE], rescanAfterMs: 50, pauseMs: 50 })]
  scopes = []
  for (let at = 0; at < 1_000; at += 10) {
    hint({ directory: 'log', recursive: false })
    await clock.advance(10)
  }
  expect(scopes.length).toBeGreaterThanOrEqual(19)
  expect(scopes.length).toBeLessThanOrEqual(21)
})

test('what is stuck is tried again by itself', async () => {
  await clock.idle()
  script = [
    () => ({ ...CLEAN, pendingDown: 3, problems: [{ path: 'a', code: 'disk-full', message: 'full' }] }),
    () => CLEAN,
  ]
  hint({ directory: '', recursive: false })
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'syncing' })
  await clock.advance(5_000)
  expect(runner.status).toMatchObject({ state: 'idle', pendingDown: 0, problems: [] })
})

test('settling takes a fresh look, and waits until nothing is left', async () => {
  await clock.idle()
  script = [
    () => ({ ...CLEAN, pendingUp: 1, rescan: [WHOLE_TREE], rescanAfterMs: 5 }),
    () => ({ ...CLEAN, problems: [{ path: 'fifo', code: 'unsupported-kind', message: 'no' }] }),
  ]
  const settled = runner.settle(new AbortController().signal)
  await clock.advance(5_000)
  expect(await settled).toEqual({ kind: 'done', problems: [{ path: 'fifo', code: 'unsupported-kind', message: 'no' }] })
  expect(scopes[1]).toEqual({ directories: [WHOLE_TREE], pull: true })
})

test('a cycle that began before somebody waits does not speak for them', async () => {
  await clock.idle()
  const gate = Promise.withResolvers<CycleReport>()
  script = [() => gate.promise, () => CLEAN]
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  const settled = runner.settle(new AbortController().signal)
  gate.resolve(CLEAN)
  await settled
  expect(scopes).toHaveLength(3)
})

test('settling a halted folder says so at once, and giving up rejects', async () => {
  await clock.idle()
  script = [() => ({ ...CLEAN, halted: { reason: 'too much', removed: 9, live: 9, sample: [], held: null } })]
  expect(await runner.settle(new AbortController().signal)).toMatchObject({
    kind: 'halted',
    reason: 'too much',
    halt: { reason: 'too much' },
  })
  script = [() => ({ ...CLEAN, pendingDown: 1 })]
  const giveUp = new AbortController()
  const waiting = runner.settle(giveUp.signal)
  await clock.idle()
  giveUp.abort(new Error('no patience'))
  await expect(waiting).rejects.toThrow('no patience')
})

test('what was found and not acknowledged is counted at once, while offline, and until the answer', async () => {
  await clock.idle()
  script = [
    () => {
      memory.send.unsent.found(20)
      throw new SyncError('offline', 'nobody there')
    },
    () => {
      memory.send.unsent.found(21)
      memory.send.unsent.acknowledged(1)
      return gate.promise
    },
  ]
  const gate = Promise.withResolvers<CycleReport>()
  hint(WHOLE_TREE)
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'offline', pendingUp: 20 })
  await clock.advance(1_000)
  expect(runner.status).toMatchObject({ pendingUp: 20 })
  gate.resolve(CLEAN)
  await clock.idle()
  expect(runner.status).toMatchObject({ state: 'idle', pendingUp: 0 })
})

test('what the log holds and this disk does not is counted before it was read', async () => {
  await clock.idle()
  script = [
    () => {
      throw new SyncError('disk-full', 'no room')
    },
  ]
  runner.fellBehind(18_000)
  await clock.idle()
  expect(runner.status).toMatchObject({ pendingDown: 18_000, problems: [{ code: 'disk-full' }] })
})

test('a folder of which only that is left which waits for a person says so to whoever waits', async () => {
  const problems = [{ path: 'project', code: 'kept', message: 'project/target is ignored and still there' }]
  await clock.idle()
  script = [() => ({ ...CLEAN, pendingDown: 2, waitsForPerson: 2, problems })]
  expect(await runner.settle(new AbortController().signal)).toEqual({ kind: 'blocked', problems })
})

test('a state directory that was removed halts the folder within seconds, without a cycle, and heals when it is back', async () => {
  await clock.idle()
  const cycles = scopes.length
  stateIsGone = true
  await clock.advance(5_000)
  expect(runner.status).toMatchObject({ state: 'halted', reason: 'the state directory /state is gone' })
  expect(scopes).toHaveLength(cycles)
  stateIsGone = false
  await clock.advance(20_000)
  expect(runner.status.state).toBe('idle')
})

test('stopping aborts the cycle under way', async () => {
  await clock.idle()
  script = [
    (_context, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')))),
  ]
  hint({ directory: 'a', recursive: false })
  await clock.idle()
  await runner.stop()
  expect(scopes).toHaveLength(2)
})

test('changed rights reach the next cycle', async () => {
  await clock.idle()
  let seen: string | undefined
  script = [
    (context) => {
      seen = context.access
      return CLEAN
    },
  ]
  runner.setAccess('receive-only')
  await clock.idle()
  expect(seen).toBe('receive-only')
})

test('changed ignore rules bring a new watcher and a look at everything', async () => {
  await clock.idle()
  script = [() => ({ ...CLEAN, ignoreRulesChanged: true }), () => CLEAN]
  hint({ directory: '', recursive: false })
  await clock.idle()
  expect(watchers).toEqual({ started: 2, stopped: 1 })
  expect(scopes.at(-1)?.directories).toEqual([WHOLE_TREE])
})

test('what another node is sending is prefetched by whoever may receive it, for as long as that holds', async () => {
  await clock.idle()
  runner.coming(coming, node)
  expect(prefetched).toEqual(['ash-1'])
  runner.setAccess('send-only')
  runner.coming(coming, node)
  expect(prefetched).toEqual([])
  runner.setAccess('receive-only')
  runner.coming(coming, node)
  expect(prefetched).toEqual(['ash-1'])
  await runner.stop()
  expect(prefetched).toEqual([])
})

test('what is known to differ is not idle, and is waited for, until it was shown to be equal again', async () => {
  memory.apply.mayHoldUnknown = false
  const sums = new Uint8Array(256 * 16).fill(1)
  link.compareDigest = async () => ({ kind: 'differs', sums })
  // As `readAgain` does, before the cycle looks through the disk.
  script = [
    () => {
      const { belief } = memory.pull
      if (belief.doubted === null) return CLEAN
      belief.readAgain()
      belief.differed({ entries: 2, example: 'a.txt', failure: null, at: '2026-11-22T12:00:00.000Z' })
      return CLEAN
    },
  ]
  runner.linkUp()
  await clock.advance(4_000)
  expect(scopes.at(-1)?.directories).toEqual([WHOLE_TREE])
  expect(runner.status).toMatchObject({
    state: 'syncing',
    provedAt: null,
    problems: [{ path: 'a.txt', code: 'disagreement', message: expect.stringContaining('2 entries, such as a.txt') }],
  })
  let isSettled = false
  const settled = runner.settle(new AbortController().signal).then(() => (isSettled = true))
  await clock.advance(1_000)
  expect(isSettled).toBe(false)

  link.compareDigest = async () => ({ kind: 'equal' })
  await clock.advance(20_000)
  await settled
  expect(runner.status).toMatchObject({ state: 'idle', provedAt: expect.any(String), problems: [] })
  expect(runner.status.disagreement?.settledAt).toBe(runner.status.provedAt)
})

test('a coordinator that can’t be compared with holds up nothing: it is said, and tried again', async () => {
  memory.apply.mayHoldUnknown = false
  runner.linkUp()
  await clock.advance(10_000)
  expect(runner.status).toMatchObject({ state: 'idle', provedAt: null, proofFailure: 'this link moves bytes only' })
  link.compareDigest = async () => ({ kind: 'equal' })
  await clock.advance(40_000)
  expect(runner.status).toMatchObject({ state: 'idle', proofFailure: null, provedAt: expect.any(String) })
})

function batch(seq: number): ChangeBatch {
  return {
    folder,
    reset: false,
    after: 0,
    cursor: { epoch: 'e', seq, tag: '' },
    head: seq,
    clock: {},
    states: [],
    contents: [],
  }
}
