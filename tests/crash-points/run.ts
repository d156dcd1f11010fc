import { Lifetime } from '../support/lifetime.ts'
import { pointsIn, sample, shard, type Call, type Point } from './point.ts'
import type { Outcome, Trial } from './trial.ts'
import { openShared, trialsNamed, type Shared, type TrialKind } from './trials.ts'

export interface RunOptions {
  /** All, if none is named. */
  readonly scenarios: readonly string[]
  readonly calls?: readonly Call[]
  /** One point of the call: nothing is counted before. */
  readonly at?: number
  /** So many points instead of all. */
  readonly sampleSize?: number
  readonly shard?: { readonly index: number; readonly count: number }
  /** How many are tried at the same time. */
  readonly jobs: number
  readonly report: (line: string) => void
}

export interface Result {
  readonly point: Point
  readonly outcome: Outcome
}

/** After so many points the directories are made anew, so that what is scanned and hashed stays small. */
const POINTS_A_TRIAL = 25

/** Counts the points, takes those that are asked for, and tries each. */
export async function runCrashPoints(options: RunOptions): Promise<Result[]> {
  const life = new Lifetime()
  try {
    const shared = await openShared(life)
    const kinds = trialsNamed(options.scenarios)
    const all = await pointsOf(kinds, shared, options)
    const sampled = options.sampleSize === undefined ? all : sample(all, options.sampleSize)
    const points = options.shard === undefined ? sampled : shard(sampled, options.shard)
    options.report(`${all.length} points in ${kinds.length} scenarios; ${points.length} of them are tried`)
    const batches = kinds.flatMap((kind) => {
      const own = points.filter(({ scenario }) => scenario === kind.name)
      return chunked(own, POINTS_A_TRIAL).map((batch) => ({ kind, batch }))
    })
    let done = 0
    const results = await atOnce(batches, options.jobs, async ({ kind, batch }) =>
      tryAll(kind, shared, batch, (result) => {
        done += 1
        options.report(`[${done}/${points.length}] ${describe(result)}`)
      }),
    )
    return results.flat()
  } finally {
    await life.end()
  }
}

/** How to try one point again. */
export function replay({ scenario, call, at }: Point): string {
  return `npm run crash-points -- --scenario ${scenario} --call ${call} --at ${at}`
}

async function pointsOf(kinds: readonly TrialKind[], shared: Shared, options: RunOptions): Promise<Point[]> {
  const { calls, at } = options
  if (at !== undefined) {
    return kinds.flatMap(({ name }) => (calls ?? []).map((call) => ({ scenario: name, call, at, seen: '' })))
  }
  const found = await atOnce(kinds, options.jobs, async (kind) => {
    options.report(`counting: ${kind.name}`)
    const trace = await withTrial(kind, shared, (trial) => trial.count())
    return pointsIn(kind.name, trace, ['node_modules', 'compile-cache', '.cache/causeway'])
  })
  return found.flat().filter(({ call }) => calls === undefined || calls.includes(call))
}

async function tryAll(
  kind: TrialKind,
  shared: Shared,
  points: readonly Point[],
  report: (result: Result) => void,
): Promise<Result[]> {
  const results: Result[] = []
  let left = points
  while (left.length > 0) {
    left = await withTrial(kind, shared, async (trial) => {
      for (const [index, point] of left.entries()) {
        const result = { point, outcome: await attempt(trial, point) }
        results.push(result)
        report(result)
        // What a fault left behind would be taken for the next one's.
        if (result.outcome.faults.length > 0) return left.slice(index + 1)
      }
      return []
    })
  }
  return results
}

async function attempt(trial: Trial, point: Point): Promise<Outcome> {
  try {
    return await trial.attempt(point)
  } catch (error) {
    return { met: undefined, faults: [`could not be tried: ${error instanceof Error ? error.message : String(error)}`] }
  }
}

async function withTrial<T>(kind: TrialKind, shared: Shared, work: (trial: Trial) => Promise<T>): Promise<T> {
  const life = new Lifetime()
  try {
    return await work(await kind.open(life, shared))
  } finally {
    await life.end()
  }
}

function describe({ point, outcome }: Result): string {
  const head = `${point.scenario} ${point.call} ${point.at}`
  if (outcome.faults.length > 0) {
    const met = outcome.met === undefined ? '' : `\n  died before: ${outcome.met}`
    return `${head}: FAILED${met}\n  ${outcome.faults.join('\n  ')}\n  again: ${replay(point)}`
  }
  return `${head}: ${outcome.met === undefined ? 'not reached this time' : 'ok'}`
}

/** Runs work on all items, so many at the same time; the results in the items' order. */
async function atOnce<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  async function worker(): Promise<void> {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index]
      if (item !== undefined) results[index] = await work(item)
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  return results
}

function chunked<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
