import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCoordinator, type Coordinator } from '../../tests/support/coordinator.ts'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { peakMemoryOf } from '../support/memory.ts'
import { cpuSecondsOf, resetPeakMemory } from '../support/process-figures.ts'
import { Spawned } from '../support/spawned.ts'
import { percentile } from '../support/statistics.ts'
import type { LoadOptions } from './args.ts'
import type { DriverOrder, DriverReached, DriverReport } from './driver-process.ts'

/** What came of one number of nodes. */
export interface LoadResult {
  readonly nodes: number
  readonly files: number
  readonly sizeBytes: number
  readonly drivers: number
  readonly commits: number
  /** Share of commits that were taken. */
  readonly successRate: number
  readonly failures: readonly string[]
  readonly seconds: number
  readonly commitsPerSecond: number
  readonly acknowledgedMs: { readonly p50: number; readonly p99: number; readonly max: number }
  /** As the coordinator measures it: from durable to handed to the last socket. */
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

/** Runs one number of nodes against a coordinator of its own. */
export async function runLoad(options: LoadOptions, nodes: number): Promise<LoadResult> {
  const life = new Lifetime()
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-load-'))
  life.add(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))
  try {
    const { profile } = options
    const env = profile === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(profile)}` }
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator'), env })
    if (profile !== undefined) life.add(() => coordinator.stop())
    return await drive(life, coordinator, { ...options, drivers: Math.min(options.drivers, nodes) }, nodes)
  } finally {
    await life.end()
  }
}

async function drive(
  life: Lifetime,
  coordinator: Coordinator,
  options: LoadOptions,
  nodes: number,
): Promise<LoadResult> {
  const token = (await readFile(join(coordinator.dataDir, 'admin.token'), 'utf8')).trim()
  const rest = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const answer = await fetch(new URL(path, coordinator.url), {
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
    links.push(link)
  }
  const drivers = Array.from({ length: options.drivers }, () => startDriver(life))
  const share = Math.ceil(nodes / options.drivers)
  const ownAddresses = process.platform === 'linux'
  await Promise.all(
    drivers.map((driver, index) => {
      const first = index * share
      return driver.ask({ kind: 'join', links: links.slice(first, first + share), first, ownAddresses })
    }),
  )
  await sleep(500)

  const { pid } = coordinator.process
  const sumOf = (all: readonly DriverReached[], field: keyof DriverReached): number =>
    all.reduce((sum, one) => sum + one[field], 0)
  const ask = async (): Promise<readonly DriverReached[]> =>
    Promise.all(drivers.map((driver) => driver.ask<DriverReached>({ kind: 'reached' })))
  const { files, sizeBytes, pauseMs } = options
  // Cold code and first statements are not what a coordinator does all day.
  const commit = (count: number, prefix: string): DriverOrder => ({
    kind: 'commit',
    files: count,
    sizeBytes,
    pauseMs,
    prefix,
  })
  const warm = await Promise.all(drivers.map((driver) => driver.ask<DriverReport>(commit(Math.min(3, files), 'warm'))))
  await sleep(1000)
  const before = await ask()
  await resetPeakMemory(pid)
  const cpuBefore = (await cpuSecondsOf(pid)) ?? Number.NaN
  const started = performance.now()
  const reports = await Promise.all(drivers.map((driver) => driver.ask<DriverReport>(commit(files, 'file'))))
  const seconds = (performance.now() - started) / 1000
  const cpuSeconds = ((await cpuSecondsOf(pid)) ?? Number.NaN) - cpuBefore

  const total = [...warm, ...reports].reduce((sum, { accepted }) => sum + accepted, 0)
  const after = await everyoneReached(ask, total)
  const settledSeconds = (performance.now() - started) / 1000 - seconds
  const metrics = (await rest('GET', '/api/metrics')) as {
    fanOutLatencyMs?: { p50: number; p99: number }
    commitLatencyMs: { p50: number; p99: number }
  }
  const latencies = reports.flatMap(({ latenciesMs }) => latenciesMs)
  const accepted = reports.reduce((sum, one) => sum + one.accepted, 0)
  const messages = sumOf(after, 'messages') - sumOf(before, 'messages')
  return {
    nodes,
    files,
    sizeBytes,
    drivers: drivers.length,
    commits: accepted,
    successRate: accepted / (nodes * files),
    failures: reports.flatMap(({ failures }) => failures).slice(0, 5),
    seconds,
    commitsPerSecond: accepted / seconds,
    acknowledgedMs: {
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      max: percentile(latencies, 1),
    },
    fanOutMs: metrics.fanOutLatencyMs ?? { p50: null, p99: null },
    commitMs: metrics.commitLatencyMs,
    fanOutMessages: messages,
    fanOutMessagesPerSecond: messages / (seconds + settledSeconds),
    fanOutBytes: sumOf(after, 'bytes') - sumOf(before, 'bytes'),
    fellBehind: sumOf(after, 'fellBehind') - sumOf(before, 'fellBehind'),
    settledSeconds,
    coordinator: {
      cpuSeconds,
      cpuShare: cpuSeconds / seconds,
      peakMemoryBytes: (await peakMemoryOf(pid)) ?? Number.NaN,
    },
    driver: {
      loopLagP99Ms: Math.max(...reports.map(({ loopLagP99Ms }) => loopLagP99Ms)),
      loopBusy: Math.max(...reports.map(({ loopBusy }) => loopBusy)),
    },
  }
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
