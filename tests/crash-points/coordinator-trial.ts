import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { lastPosition } from '../support/api.ts'
import { startCoordinator } from '../support/coordinator.ts'
import type { Lifetime } from '../support/lifetime.ts'
import { startNode, type SyncNode } from '../support/node.ts'
import { treeOf } from '../support/tree.ts'
import type { Trees } from './checks.ts'
import { expectInStep, untilDone } from './in-step.ts'
import { contentsNotKept } from './kept-contents.ts'
import { diesBefore, faultsOf } from './node-trial.ts'
import { lastCall, type Point } from './point.ts'
import type { Scenario } from './scenarios.ts'
import { attachStrace, killingAt, counting, readTrace, TRACEABLE } from './strace.ts'
import type { Outcome, Trial } from './trial.ts'

const FOLDER = 'work'

export interface CoordinatorTrialOptions {
  readonly scratch: string
  readonly scenario: Scenario
  /** Whether the coordinator dies while it takes a change, or while it starts after it was killed. */
  readonly during: 'commit' | 'start'
}

/** The coordinator dies; ash sends a change, and birch, which was up all the time, is told of it. */
export async function openCoordinatorTrial(life: Lifetime, options: CoordinatorTrialOptions): Promise<Trial> {
  const { scratch, scenario, during } = options
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), env: TRACEABLE })
  const start = (name: string): Promise<SyncNode> =>
    startNode(life, { coordinator, folder: FOLDER, name, dir: join(scratch, name) })
  const [ash, birch] = [await start('ash'), await start('birch')]
  const trace = join(scratch, 'trace')
  let round = 0

  /** Leaves a change on ash's disk that nobody else knows of. */
  async function prepare(): Promise<Trees & { below: string; position: number }> {
    round += 1
    const below = `${round}`
    const position = await lastPosition(coordinator)
    await mkdir(ash.path(below))
    await scenario.before(ash.path(below))
    const before = await treeOf(ash.path(below))
    await untilDone(ash)
    await expectInStep([ash, birch], below, before)
    await ash.kill9()
    await scenario.change(ash.path(below), async () => undefined)
    return { below, position, before, after: await treeOf(ash.path(below)) }
  }

  /** Has the coordinator take the change under the tracer, which may end it. */
  async function runTraced(point: Point | undefined, inStep: () => Promise<void>): Promise<boolean> {
    if (during === 'commit') {
      const tracer = await attachStrace(coordinator.process.pid ?? 0, trace, point)
      ash.up()
      const isDead = await diesBefore(coordinator.process, inStep)
      await tracer.stop()
      return isDead
    }
    ash.up()
    await inStep()
    await coordinator.kill9()
    const through = point === undefined ? counting(trace) : killingAt(point, trace)
    const ready = coordinator.start({ through }).then(
      () => false,
      () => true,
    )
    const isDead = (await ready) || (await diesBefore(coordinator.process, inStep))
    if (!isDead) await coordinator.kill9()
    return isDead
  }

  async function count(): Promise<string> {
    const { below, after } = await prepare()
    // Faults without a kill are for other tests to find.
    const settled = async (): Promise<void> => void (await faultsOf(() => expectInStep([ash, birch], below, after)))
    await runTraced(undefined, settled)
    if (!coordinator.process.isRunning) await coordinator.start()
    return readTrace(trace)
  }

  async function attempt(point: Point): Promise<Outcome> {
    const { below, position, before, after } = await prepare()
    const inStep = (): Promise<void> => expectInStep([ash, birch], below, after)
    const isDead = await runTraced(point, inStep)
    if (!coordinator.process.isRunning) await coordinator.start()
    const faults = await faultsOf(inStep)
    const request = { folder: FOLDER, after: position }
    const lost = await contentsNotKept(coordinator, request, [before, after])
    return { met: isDead ? lastCall(await readTrace(trace)) : undefined, faults: [...faults, ...lost] }
  }

  return { count, attempt }
}
