import type { MetadataStore } from '@causeway/store'
import type { Log, Signals } from '@causeway/log'
import type { Clock, Timer, Timers } from '@causeway/time'
import type { Broadcasts, Speaker } from '../ports/broadcasts.ts'
import type { Observations } from '../ports/observations.ts'
import { createMeter, type Meter } from './meter.ts'
import { createLedger } from './savings/ledger.ts'
import { committedFiles, noteSentPatches, toldFiles } from './savings/moved-files.ts'
import { createSavingsReports, type SavingsReports } from './savings/savings.ts'
import { createThroughput, type Throughput } from './savings/throughput.ts'
import { createTraffic } from './traffic.ts'

/** All that is measured. It hears what others do; none of them knows of it. */
export interface Measure {
  readonly meter: Meter
  readonly throughput: Throughput
  readonly savings: SavingsReports
  /** Writes down what was counted. */
  flush(): Promise<void>
  start(): void
  stop(): Promise<void>
}

export interface MeasurePorts {
  readonly metadata: MetadataStore
  readonly clock: Clock
  readonly timers: Timers
  readonly signals: Signals
  readonly broadcasts: Broadcasts
  readonly speaker: Speaker
  readonly log: Log
  readonly observations: Observations
}

const TRAFFIC_EVERY_MS = 1_000

export function createMeasure(ports: MeasurePorts): Measure {
  const { metadata, signals, broadcasts, speaker, observations, timers } = ports
  const meter = createMeter(timers.now)
  const traffic = createTraffic(timers.now)
  const throughput = createThroughput(ports)
  const ledger = createLedger({ ...ports, throughput })
  let timer: Timer | undefined

  signals.subscribe('revoked', ({ node }) => meter.forget(node))
  observations.subscribe({
    durable: (commit) => meter.durable(commit),
    fannedOut: (milliseconds) => meter.fannedOut(milliseconds),
    committed({ folder, node, request, claimed, versions, wireBytes, outcomes, tookMs }) {
      meter.committed(outcomes, tookMs)
      ledger.committed({ folder, node, ...committedFiles(request, claimed, versions, wireBytes) })
    },
    noted: (events) => throughput.noted(events),
    received: (bytes) => meter.received(bytes),
    sent: (bytes) => meter.sent(bytes),
    requested: (node, socket) => traffic.attach(socket, node),
    linked: (node) => meter.linked(node),
    roundTrip: (node, milliseconds) => traffic.roundTrip(node, milliseconds),
    saved: (node, tookMs) => meter.saved(node, tookMs),
    told(batch, to) {
      const hop = { folder: batch.folder, node: to.node }
      ledger.told({ ...hop, ...toldFiles(batch, to) })
      noteSentPatches(ledger, hop, batch.patches ?? [])
    },
    applied(node, folder, seq) {
      ledger.applied(node, folder, seq)
      meter.applied(node, folder, seq)
    },
    chunkReceived: (hop, chunk, crossing) => ledger.received(hop, chunk, crossing),
    chunkSent: (hop, chunk, crossing) => ledger.fetched(hop, chunk, crossing),
    contentSent: (hop, content, bytes) => ledger.sent(hop, content, bytes),
    peerGave(hop, content, { node: giver, bytes }) {
      ledger.peerGave(hop, content, bytes)
      traffic.peerGave(giver, hop.node, bytes)
    },
  })

  /** Looks at the sockets, and tells whoever listens. */
  function tellTraffic(): void {
    const nodes = traffic.sample()
    if (nodes.length > 0) broadcasts.publish('traffic', { from: speaker, nodes })
  }

  return {
    meter,
    throughput,
    savings: createSavingsReports(metadata, ledger),
    flush: () => ledger.flush(),
    start() {
      ledger.start()
      throughput.start()
      timer ??= timers.every(TRAFFIC_EVERY_MS, tellTraffic)
    },
    async stop() {
      timer?.cancel()
      timer = undefined
      await ledger.stop()
      await throughput.stop()
    },
  }
}
