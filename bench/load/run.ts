import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Coordinator } from '../../tests/support/coordinator.ts'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { peakMemoryOf } from '../support/memory.ts'
import { cpuSecondsOf, resetPeakMemory } from '../support/process-figures.ts'
import { Spawned } from '../support/spawned.ts'
import { percentile } from '../support/statistics.ts'
import type { LoadOptions } from './args.ts'
import type { DriverOrder, DriverReached, DriverReport } from './driver-process.ts'
import { startSubject, type Subject } from './subject.ts'

/** What came of one number of nodes. */
export interface LoadResult {
  readonly subject: Subject
  readonly coordinators: number
  readonly nodes: number
  /** How many of them commit. */
  readonly writers: number
  readonly files: number
  readonly sizeBytes: number
  readonly drivers: number
  /** Enrolments with the sign-in after each, as many at once as there are drivers. */
  readonly joinedPerSecond: number
  readonly commits: number
  /** Share of commits that were taken. */
  readonly successRate: number
  readonly failures: readonly string[]
  readonly seconds: number
  readonly commitsPerSecond: number
  readonly acknowledgedMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** From a node's sending of a commit to its arrival in the socket of another, at whichever coordinator; of some nodes. */
  readonly deliveredMs: { readonly p50: number; readonly p99: number }
  /** As the coordinator measures it: from durable to handed to the last socket of its own; of several, the slowest. */
  readonly fanOutMs: { readonly p50: number | null; readonly p99: number | null }
  readonly commitMs: { readonly p50: number | null; readonly p99: number | null }
  readonly fanOutMessages: number
  readonly fanOutMessagesPerSecond: number
  readonly fanOutBytes: number
  /** How often a node was told to ask instead of being sent to. */
  readonly fellBehind: number
  /** Seconds after the last answer until every node had everything. */
  readonly settledSeconds: number
  readonly coordinator: { readonly cpuSeconds: number; readonly cpuShare: number; readonly peakMemoryBytes: number }
  readonly driver: { readonly loopLagP99Ms: number; readonly loopBusy: number }
}

const SETTLE_LIMIT_MS = 120_000

/** Runs one number of nodes against coordinators of their own. */
export async function runLoad(options: LoadOptions, nodes: number, subject: Subject = 'one'): Promise<LoadResult> {
  const life = new Lifetime()
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-load-'))
  life.add(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))
  try {
    const { profile } = options
    const env = profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profile)}` }
    const coordinators = await startSubject(life, scratch, { subject, cluster: options.cluster, env })
    if (profile !== undefined) for (const coordinator of coordinators) life.add(() => coordinator.stop())
    const result = await drive(life, coordinators, { ...options, drivers: Math.min(options.drivers, nodes) }, nodes)
    return { subject, ...result }
  } finally {
    await life.end()
  }
}

async function drive(
  life: Lifetime,
  coordinators: readonly Coordinator[],
  options: LoadOptions,
  nodes: number,
): Promise<Omit<LoadResult, 'subject'>> {
  const [coordinator] = coordinators
  if (coordinator === undefined) throw new Error('there is no coordinator to drive')
  const rest = async (method: string, path: string, body?: unknown, at = coordinator): Promise<unknown> => {
    const token = (await readFile(join(at.dataDir, 'admin.token'), 'utf8')).trim()
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(new URL(path, at.url), {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }
  const links: string[] = []
  await rest('POST', '/api/v1/folders', { name: 'load' })
  for (let i = 0; i < nodes; i++) {
    const { link } = (await rest('POST', '/api/v1/invites', { folder: 'load' })) as { link: string }
    // Each coordinator has its share of the nodes.
    links.push(link.replace(coordinator.url, coordinators[i % coordinators.length]?.url ?? ''))
  }
  const drivers = Array.from({ length: options.drivers }, () => startDriver(life))
  const share = Math.ceil(nodes / options.drivers)
  const joining = performance.now()
  const ownAddresses = process.platform === 'linux'
  await Promise.all(
    drivers.map((driver, index) => {
      const first = index * share
      return driver.ask({ kind: 'join', links: links.slice(first, first + share), first, ownAddresses })
    }),
  )
  const joinedPerSecond = (nodes * 1000) / (performance.now() - joining)
  await sleep(500)

  const pids = coordinators.map((one) => one.process.pid)
  const cpuSecondsOfAll = async (): Promise<number> => {
    const all = await Promise.all(pids.map(cpuSecondsOf))
    return all.reduce<number>((sum, one) => sum + (one ?? Number.NaN), 0)
  }
  const sumOf = (all: readonly DriverReached[], field: 'messages' | 'bytes' | 'fellBehind'): number =>
    all.reduce((sum, one) => sum + one[field], 0)
  const ask = async (): Promise<readonly DriverReached[]> =>
    Promise.all(drivers.map((driver) => driver.ask<DriverReached>({ kind: 'reached' })))
  const { files, sizeBytes, pauseMs } = options
  const every = Math.max(1, Math.ceil(nodes / (options.writers ?? nodes)))
  const writers = Math.ceil(nodes / every)
  // Cold code and first statements are not what a coordinator does all day.
  const commit = (count: number, prefix: string): DriverOrder => ({
    kind: 'commit',
    files: count,
    sizeBytes,
    pauseMs,
    prefix,
    every,
  })
  const warm = await Promise.all(drivers.map((driver) => driver.ask<DriverReport>(commit(Math.min(3, files), 'warm'))))
  await sleep(1000)
  const before = await ask()
  await Promise.all(pids.map(resetPeakMemory))
  const cpuBefore = await cpuSecondsOfAll()
  const started = performance.now()
  const reports = await Promise.all(drivers.map((driver) => driver.ask<DriverReport>(commit(files, 'file'))))
  const seconds = (performance.now() - started) / 1000
  const cpuSeconds = (await cpuSecondsOfAll()) - cpuBefore

  const total = [...warm, ...reports].reduce((sum, { accepted }) => sum + accepted, 0)
  const after = await everyoneReached(ask, total)
  const settledSeconds = (performance.now() - started) / 1000 - seconds
  const metrics = await Promise.all(
    coordinators.map(async (one) => (await rest('GET', '/api/metrics', undefined, one)) as Measured),
  )
  const delivered = after.flatMap(({ deliveredMs }) => deliveredMs)
  const latencies = reports.flatMap(({ latenciesMs }) => latenciesMs)
  const accepted = reports.reduce((sum, one) => sum + one.accepted, 0)
  const messages = sumOf(after, 'messages') - sumOf(before, 'messages')
  return {
    coordinators: coordinators.length,
    nodes,
    writers,
    files,
    sizeBytes,
    drivers: drivers.length,
    joinedPerSecond,
    commits: accepted,
    successRate: accepted / (writers * files),
    failures: reports.flatMap(({ failures }) => failures).slice(0, 5),
    seconds,
    commitsPerSecond: accepted / seconds,
    acknowledgedMs: {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      max: percentile(latencies, 1),
    },
    deliveredMs: { p50: percentile(delivered, 0.5), p99: percentile(delivered, 0.99) },
    fanOutMs: slowest(metrics.map(({ fanOutLatencyMs }) => fanOutLatencyMs)),
    commitMs: slowest(metrics.map(({ commitLatencyMs }) => commitLatencyMs)),
    fanOutMessages: messages,
    fanOutMessagesPerSecond: messages / (seconds + settledSeconds),
    fanOutBytes: sumOf(after, 'bytes') - sumOf(before, 'bytes'),
    fellBehind: sumOf(after, 'fellBehind') - sumOf(before, 'fellBehind'),
    settledSeconds,
    coordinator: {
      cpuSeconds,
      cpuShare: cpuSeconds / seconds,
      peakMemoryBytes: Math.max(...(await Promise.all(pids.map(peakMemoryOf))).map((bytes) => bytes ?? Number.NaN)),
    },
    driver: {
      loopLagP99Ms: Math.max(...reports.map(({ loopLagP99Ms }) => loopLagP99Ms)),
      loopBusy: Math.max(...reports.map(({ loopBusy }) => loopBusy)),
    },
  }
}

interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
}

interface Measured {
  readonly fanOutLatencyMs: Quantiles
  readonly commitLatencyMs: Quantiles
}

function slowest(all: readonly Quantiles[]): Quantiles {
  const most = (values: readonly (number | null)[]): number | null => {
    const known = values.filter((value) => value !== null)
    return known.length === 0 ? null : Math.max(...known)
  }
  return { p50: most(all.map(({ p50 }) => p50)), p99: most(all.map(({ p99 }) => p99)) }
}

/** Every node holds every commit: throws where that does not come about, as then something was lost. */
async function everyoneReached(
  ask: () => Promise<readonly DriverReached[]>,
  commits: number,
): Promise<readonly DriverReached[]> {
  const deadline = performance.now() + SETTLE_LIMIT_MS
  for (;;) {
    const all = await ask()
    const lowest = Math.min(...all.map((one) => one.lowest))
    if (lowest >= commits) return all
    if (performance.now() > deadline) throw new Error(`a node was brought to ${lowest} only, of ${commits} commits`)
    await sleep(20)
  }
}

interface Driver {
  ask<Answer>(order: DriverOrder): Promise<Answer>
}

function startDriver(life: Lifetime): Driver {
  const script = join(import.meta.dirname, 'driver-process.ts')
  const spawned = new Spawned('a driver of the load', [process.execPath, script], { ipc: true })
  life.add(() => spawned.stop(2000))
  const ended = spawned.finished.then((code) => {
    throw new Error(`a driver of the load ended with ${code}\n${spawned.output}`)
  })
  ended.catch(() => undefined)
  return {
    async ask<Answer>(order: DriverOrder) {
      const answered = once(spawned.child, 'message')
      spawned.child.send(order)
      const [answer]: Answer[] = await Promise.race([answered, ended])
      if (answer === undefined) throw new Error('a driver of the load gave no answer')
      return answer
    },
  }
}
