import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { peakMemoryOf } from '../support/memory.ts'
import { cpuSecondsOf, resetPeakMemory } from '../support/process-figures.ts'
import { runToEnd } from '../support/spawned.ts'
import type { PeerCase, Stage } from './cases/peer-case.ts'
import { between, type HostName, type LinkCounters, type Network } from './network/network.ts'
import type { RawRow } from './result.ts'
import type { RootComparer } from './same-roots.ts'
import type { Tool } from './tools/tool.ts'

const POLL_MS = 3
/** After this long without the change on B, it is asked whether a person must approve it. */
const APPROVAL_MS = 3000
/** Links that carried no more than so many bytes in each of some windows are quiet; then they are watched idling. */
export interface Calm {
  readonly windowMs: number
  readonly windows: number
  readonly idleMs: number
}
export const CALM: Calm = { windowMs: 250, windows: 3, idleMs: 1500 }
export const HASTY_CALM: Calm = { windowMs: 100, windows: 2, idleMs: 200 }
const QUIET_BYTES = 400
const QUIET_LIMIT_MS = 15_000

export interface Measured {
  readonly seconds: number
  readonly notes: readonly string[]
  readonly latenciesMs?: readonly number[]
}

/** The case done by one tool. Throws where B does not become like A in time. */
export async function carryOut(
  tool: Tool,
  one: PeerCase,
  options: { readonly stage: Stage; readonly timeoutMs: number },
): Promise<() => Promise<Measured>> {
  const { stage, timeoutMs } = options
  await mkdir(stage.stage, { recursive: true })
  const change = await one.prepare(stage)
  return async () => {
    const notes: string[] = []
    let started = performance.now()
    await change.apply()
    if (tool.carry !== undefined) {
      await tool.carry({ deletes: one.deletes === true })
      const seconds = (performance.now() - started) / 1000
      if (!(await change.isComplete(tool.rootB))) throw new Error('the run ended, but B does not hold the change')
      return { seconds, notes }
    }
    const deadline = started + timeoutMs
    let askAt = one.deletes === true && tool.approve !== undefined ? started + APPROVAL_MS : Infinity
    while (!(await change.isComplete(tool.rootB))) {
      const now = performance.now()
      if (now > deadline) throw new Error(`not complete on B within ${timeoutMs / 1000} s`)
      if (now > askAt) {
        askAt = now + APPROVAL_MS
        const asked = performance.now()
        if ((await tool.approve?.()) === true) {
          started = asked
          askAt = Infinity
          notes.push('it waited for a person: the clock began with the approval, whose command is timed with it')
        }
      }
      await sleep(POLL_MS)
    }
    return { seconds: (performance.now() - started) / 1000, notes }
  }
}

/** Measures one piece of work from a pair at rest to links that are quiet again, then compares the two roots. */
export async function measure(
  where: { readonly tool: Tool; readonly network: Network; readonly comparer: RootComparer; readonly calm: Calm },
  labels: { readonly round: number; readonly case: string },
  work: () => Promise<Measured>,
): Promise<RawRow> {
  const { tool, network, comparer, calm } = where
  await tool.settle()
  await runToEnd('sync', ['sync', '-f', tool.rootA])
  await quiet(network, calm)
  const idleFrom = await network.counters()
  await sleep(calm.idleMs)
  const before = await network.counters()
  const idle = between(idleFrom, before)
  const pids = tool.processes()
  await Promise.all(Object.values(pids).map(resetPeakMemory))
  const cpuBefore = await each(pids, cpuSecondsOf)

  const { seconds, notes, latenciesMs } = await work()
  const after = await quiet(network, calm)
  const cpuAfter = await each(pids, cpuSecondsOf)
  const differences = await comparer.differences(tool.rootA, tool.rootB)
  if (differences.length > 0) throw new Error(`A and B differ once it is done: ${differences.join('; ')}`)
  return {
    ...labels,
    tool: tool.name,
    seconds,
    wireBytes: between(before, after),
    idleBytesPerSecond: Math.round(((idle.a + idle.b) / calm.idleMs) * 1000),
    cpuSeconds: differencesOf(cpuBefore, cpuAfter),
    peakMemoryBytes: await each(pids, peakMemoryOf),
    notes,
    ...(latenciesMs !== undefined && { latenciesMs }),
  }
}

export function failed(
  labels: { readonly round: number; readonly case: string; readonly tool: Tool['name'] },
  error: unknown,
): RawRow {
  return {
    ...labels,
    seconds: null,
    wireBytes: null,
    idleBytesPerSecond: 0,
    cpuSeconds: {},
    peakMemoryBytes: {},
    notes: [],
    failure: error instanceof Error ? error.message : String(error),
  }
}

/** Moves what a case left beside the roots out of the way; removing it takes the disk's time from what follows. */
export async function clearStage(stage: string): Promise<void> {
  await rename(stage, `${stage}-${performance.now().toFixed(0)}`).catch(() => undefined)
  await mkdir(join(stage), { recursive: true })
}

async function quiet(network: Network, { windowMs, windows }: Calm): Promise<LinkCounters> {
  const deadline = performance.now() + QUIET_LIMIT_MS
  let last = await network.counters()
  for (let calm = 0; calm < windows && performance.now() < deadline;) {
    await sleep(windowMs)
    const now = await network.counters()
    const grown = between(last, now)
    calm = Math.max(...(['a', 'b', 'c'] as const).map((host: HostName) => grown[host])) <= QUIET_BYTES ? calm + 1 : 0
    last = now
  }
  return last
}

async function each(
  pids: Readonly<Record<string, number | undefined>>,
  read: (pid: number | undefined) => Promise<number | undefined>,
): Promise<Record<string, number>> {
  const readings = Object.entries(pids).map(async ([name, pid]) => [name, await read(pid)] as const)
  return Object.fromEntries(
    (await Promise.all(readings)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function differencesOf(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const entries = Object.entries(after).map(([name, value]) => [name, Number((value - (before[name] ?? 0)).toFixed(2))])
  return Object.fromEntries(entries)
}
