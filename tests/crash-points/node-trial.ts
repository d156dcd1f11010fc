import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Coordinator } from '../support/coordinator.ts'
import type { Lifetime } from '../support/lifetime.ts'
import { startNode, type SyncNode } from '../support/node.ts'
import type { CausewayProcess } from '../support/processes.ts'
import { treeOf } from '../support/tree.ts'
import { expectTree, faultsAtDeath, type Trees } from './checks.ts'
import { expectInStep, untilDone } from './in-step.ts'
import { lastCall, type Point } from './point.ts'
import type { Scenario } from './scenarios.ts'
import { counting, killingAt, readTrace, TRACEABLE } from './strace.ts'
import type { Outcome, Trial } from './trial.ts'

export interface NodeTrialOptions {
  readonly coordinator: Coordinator
  readonly scratch: string
  readonly scenario: Scenario
  /** Whether the node that dies brings changes of others to its disk, or sends its own. */
  readonly role: 'receive' | 'send'
}

/** Birch dies; ash shares a folder with it and stays. Each round has a directory of its own in that folder. */
export async function openNodeTrial(life: Lifetime, options: NodeTrialOptions): Promise<Trial> {
  const { coordinator, scratch, scenario, role } = options
  const folder = `${role}-${scenario.name}-${process.hrtime.bigint().toString(36)}`
  const start = (name: string): Promise<SyncNode> =>
    startNode(life, { coordinator, folder, name, dir: join(scratch, name) })
  const [ash, birch] = await Promise.all([start('ash'), start('birch')])
  const trace = join(scratch, 'trace')
  let round = 0

  /** Leaves a stopped birch with the change ahead of it: at the coordinator, or on its own disk. */
  async function prepare(): Promise<Trees & { below: string }> {
    round += 1
    const below = `${round}`
    await mkdir(ash.path(below))
    await scenario.before(ash.path(below))
    const before = await treeOf(ash.path(below))
    await untilDone(ash)
    await expectInStep([ash, birch], below, before)
    await birch.kill9()
    const changed = role === 'receive' ? ash : birch
    const sent = async (): Promise<void> => (role === 'receive' ? untilDone(ash) : undefined)
    await scenario.change(changed.path(below), sent)
    await sent()
    return { below, before, after: await treeOf(changed.path(below)) }
  }

  async function count(): Promise<string> {
    const { below, after } = await prepare()
    birch.up({ env: TRACEABLE, through: counting(trace) })
    // Faults without a kill are for other tests to find.
    await faultsOf(() => expectInStep([ash, birch], below, after))
    await birch.kill9()
    birch.up()
    return readTrace(trace)
  }

  async function attempt(point: Point): Promise<Outcome> {
    const { below, before, after } = await prepare()
    birch.up({ env: TRACEABLE, through: killingAt(point, trace) })
    const isDead = await diesBefore(birch.process, () => expectInStep([ash, birch], below, after))
    if (!isDead) await birch.kill9()
    const atDeath =
      role === 'receive'
        ? await faultsAtDeath(scenario, { before, after }, { root: birch.dir, below })
        : await faultsOf(async () => expectTree('at death birch', await treeOf(birch.path(below)), after))
    birch.up()
    const atRest = await faultsOf(() => expectInStep([ash, birch], below, after))
    return { met: isDead ? lastCall(await readTrace(trace)) : undefined, faults: [...atDeath, ...atRest] }
  }

  return { count, attempt }
}

/** Whether a process ends before what would come of it if it did not. */
export function diesBefore(process: CausewayProcess, outcome: () => Promise<void>): Promise<boolean> {
  const lives = (): boolean => false
  return Promise.race([process.finished.then(() => true), outcome().then(lives, lives)])
}

/** What a check throws, as a list. */
export async function faultsOf(check: () => Promise<void>): Promise<string[]> {
  try {
    await check()
    return []
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
