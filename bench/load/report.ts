import type { LoadResult } from './run.ts'

/** Where more than this of a driver's time went into its own work, figures say more about it than about the coordinator. */
const DRIVER_BUSY = 0.85
/** From commit accepted to sent to every node, at 100 nodes: the median to stay below. */
const FAN_OUT_TARGET_MS = 3

/** One run as lines for people. */
export function reportOf(result: LoadResult): string {
  const {
    nodes,
    writers,
    files,
    sizeBytes,
    subject,
    coordinators,
    coordinator,
    driver,
    acknowledgedMs,
    fanOutMs,
    commitMs,
  } = result
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  const ms = (value: number | null): string => (value === null ? '–' : `${value.toFixed(value < 10 ? 2 : 1)} ms`)
  const whole = (value: number): string => Math.round(value).toLocaleString('en')
  const lines = [
    subject === 'one'
      ? 'One coordinator, SQLite and packs on its disk'
      : `${coordinators} coordinators on one PostgreSQL and one S3 store`,
    `${nodes} nodes${writers < nodes ? `, ${writers} of which commit` : ''}, ${files} files of ${sizeBytes} bytes each (${result.drivers} driver processes)`,
    `  joined and signed in       ${result.joinedPerSecond.toFixed(1)} nodes/s`,
    `  success rate               ${(result.successRate * 100).toFixed(2)} % of ${whole(writers * files)} commits`,
    `  accepted → sent to all     p50 ${ms(fanOutMs.p50)}, p99 ${ms(fanOutMs.p99)}${verdict(result)}`,
    `  save → acknowledged        p50 ${ms(acknowledgedMs.p50)}, p99 ${ms(acknowledgedMs.p99)}, max ${ms(acknowledgedMs.max)}`,
    `    of it in the coordinator p50 ${ms(commitMs.p50)}, p99 ${ms(commitMs.p99)}`,
    `  save → sockets of others   p50 ${ms(result.deliveredMs.p50)}, p99 ${ms(result.deliveredMs.p99)}, at any coordinator`,
    `  throughput                 ${whole(result.commitsPerSecond)} commits/s, ${whole(result.fanOutMessagesPerSecond)} messages/s to nodes, ${mb(result.fanOutBytes)} in all`,
    `  all nodes had everything   ${result.settledSeconds.toFixed(2)} s after the last answer; told to ask instead: ${result.fellBehind} times`,
    `  coordinator                ${(coordinator.cpuShare * 100).toFixed(0)} % of a core, peak memory ${mb(coordinator.peakMemoryBytes)}`,
    `  drivers                    busy ${(driver.loopBusy * 100).toFixed(0)} % at most, timers late by ${ms(driver.loopLagP99Ms)} at p99`,
  ]
  if (driver.loopBusy > DRIVER_BUSY)
    lines.push(
      '  THE DRIVERS WERE THE BOTTLENECK: latencies as nodes see them, and throughput, are worse than the coordinator',
    )
  for (const failure of result.failures) lines.push(`  failure: ${failure}`)
  return lines.join('\n')
}

function verdict({ nodes, fanOutMs }: LoadResult): string {
  if (nodes !== 100 || fanOutMs.p50 === null) return ''
  const reached = fanOutMs.p50 <= FAN_OUT_TARGET_MS
  const how = reached ? 'reached' : `MISSED: ${(fanOutMs.p50 / FAN_OUT_TARGET_MS).toFixed(2)} ×`
  return ` (to reach at 100 nodes: p50 ≤ ${FAN_OUT_TARGET_MS} ms: ${how})`
}
