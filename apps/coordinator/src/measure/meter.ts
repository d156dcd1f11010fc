import type { HistogramReading, NodeId, NodeLatency, Outcome } from '@causeway/protocol'
import { systemTimers } from '@causeway/time'
import { createDeliveries, type Deliveries } from './deliveries.ts'
import { createHistogram } from './histogram.ts'
import { createLatencies } from './latencies.ts'
import { Recent } from './quantile.ts'

/** What takes time: see `MetricsSchema`. */
export type Measured = 'save' | 'commit' | 'fan-out' | 'delivery'

/** What was measured since the coordinator started. */
export interface Meter extends Omit<Deliveries, 'readings'> {
  committed(outcomes: readonly Outcome[], milliseconds: number): void
  /** A node says how long saves took there, until it had its answer. Self-reported; counted per node and in the total. */
  saved(node: NodeId, tookMs: readonly number[]): void
  /** A commit was handed to the sockets of all who follow its folder. */
  fannedOut(milliseconds: number): void
  /** Hears of everything that took time from now on. */
  onMeasured(listener: (what: Measured, milliseconds: number) => void): void
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
  /** Over as many saves. */
  readonly saveP50Ms: number | null
  readonly saveP99Ms: number | null
  /** From a commit's being durable to the last socket's having been given it; over as many commits. */
  readonly fanOutP50Ms: number | null
  readonly fanOutP99Ms: number | null
  readonly save: HistogramReading
  readonly saveByNode: NodeLatency[]
  readonly commit: HistogramReading
  readonly fanOut: HistogramReading
  readonly delivery: HistogramReading
  readonly deliveryByNode: NodeLatency[]
}

const LATENCIES_KEPT = 2048

export function createMeter(now: () => number = systemTimers.now): Meter {
  const listeners: ((what: Measured, milliseconds: number) => void)[] = []
  const latencies = new Recent(LATENCIES_KEPT)
  const fanOuts = new Recent(LATENCIES_KEPT)
  const saves = new Recent(LATENCIES_KEPT)
  const saveTimes = createLatencies()
  const commitTimes = createHistogram()
  const fanOutTimes = createHistogram()
  const { readings: deliveryReadings, ...deliveries } = createDeliveries(now, (ms) => tell('delivery', ms))
  let commits = 0
  let accepted = 0
  let refused = 0
  let bytesIn = 0
  let bytesOut = 0

  function tell(what: Measured, milliseconds: number): void {
    for (const listener of listeners) listener(what, milliseconds)
  }

  return {
    ...deliveries,
    committed(outcomes, milliseconds) {
      commits++
      latencies.add(milliseconds)
      commitTimes.observe(milliseconds)
      tell('commit', milliseconds)
      const refusals = outcomes.filter((outcome) => outcome.kind === 'refused').length
      refused += refusals
      accepted += outcomes.length - refusals
    },
    saved(node, tookMs) {
      for (const milliseconds of tookMs) {
        saves.add(milliseconds)
        saveTimes.observe(node, milliseconds)
        tell('save', milliseconds)
      }
    },
    forget(node) {
      deliveries.forget(node)
      saveTimes.forget(node)
    },
    fannedOut(milliseconds) {
      fanOuts.add(milliseconds)
      fanOutTimes.observe(milliseconds)
      tell('fan-out', milliseconds)
    },
    onMeasured: (listener) => void listeners.push(listener),
    received: (bytes) => void (bytesIn += bytes),
    sent: (bytes) => void (bytesOut += bytes),
    readings() {
      const [p50Ms = null, p99Ms = null] = latencies.quantiles(0.5, 0.99)
      const [fanOutP50Ms = null, fanOutP99Ms = null] = fanOuts.quantiles(0.5, 0.99)
      const [saveP50Ms = null, saveP99Ms = null] = saves.quantiles(0.5, 0.99)
      const { all: save, byNode: saveByNode } = saveTimes.readings()
      const { all: delivery, byNode: deliveryByNode } = deliveryReadings()
      return {
        commits,
        accepted,
        refused,
        bytesIn,
        bytesOut,
        p50Ms,
        p99Ms,
        saveP50Ms,
        saveP99Ms,
        fanOutP50Ms,
        fanOutP99Ms,
        save,
        saveByNode,
        commit: commitTimes.reading(),
        fanOut: fanOutTimes.reading(),
        delivery,
        deliveryByNode,
      }
    },
  }
}
