import type { Outcome } from '@causeway/protocol'

/** What was measured since the coordinator started. */
export interface Meter {
  committed(outcomes: readonly Outcome[], milliseconds: number): void
  received(bytes: number): void
  sent(bytes: number): void
  readings(): MeterReadings
}

export interface MeterReadings {
  readonly commits: number
  readonly accepted: number
  readonly refused: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** Over the last `LATENCIES_KEPT` commits; null before the first. */
  readonly p50Ms: number | null
  readonly p99Ms: number | null
}

const LATENCIES_KEPT = 2048

export function createMeter(): Meter {
  const latencies = new Float64Array(LATENCIES_KEPT)
  let commits = 0
  let accepted = 0
  let refused = 0
  let bytesIn = 0
  let bytesOut = 0
  return {
    committed(outcomes, milliseconds) {
      latencies[commits % LATENCIES_KEPT] = milliseconds
      commits++
      const refusals = outcomes.filter((outcome) => outcome.kind === 'refused').length
      refused += refusals
      accepted += outcomes.length - refusals
    },
    received: (bytes) => void (bytesIn += bytes),
    sent: (bytes) => void (bytesOut += bytes),
    readings() {
      const kept = latencies.slice(0, Math.min(commits, LATENCIES_KEPT)).sort()
      return { commits, accepted, refused, bytesIn, bytesOut, p50Ms: quantile(kept, 0.5), p99Ms: quantile(kept, 0.99) }
    },
  }
}

/** The smallest measured value that is not below the given share of all. */
function quantile(sorted: Float64Array, share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
