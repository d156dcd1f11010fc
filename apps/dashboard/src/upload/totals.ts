import type { NodeView } from '@causeway/protocol'
import { waitingOf, type NodeStand } from '../pages/files/stands.ts'
import { isOver, type Job, type Phase } from './job.ts'

export interface Totals {
  readonly files: number
  readonly byPhase: Readonly<Record<Phase, number>>
  /** Bytes of all files that were not cancelled. */
  readonly bytes: number
  readonly doneBytes: number
  readonly sentBytes: number
  /** Whether anything is still to be sent, paused or not. */
  readonly busy: boolean
}

export function totalsOf(jobs: Iterable<Job>): Totals {
  const byPhase = { queued: 0, sending: 0, retrying: 0, paused: 0, arrived: 0, failed: 0, cancelled: 0 }
  let files = 0
  let bytes = 0
  let doneBytes = 0
  let sentBytes = 0
  let busy = false
  for (const job of jobs) {
    files++
    byPhase[job.phase]++
    sentBytes += job.sentBytes
    busy ||= !isOver(job)
    if (job.phase === 'cancelled') continue
    bytes += job.size
    doneBytes += job.doneBytes
  }
  return { files, byPhase, bytes, doneBytes, sentBytes, busy }
}

/** Nodes that some of the files that arrived are still on their way to: each once, with the first reason. */
export function onTheWayTo(jobs: Iterable<Job>, nodes: readonly NodeView[]): readonly NodeStand[] {
  const waiting = new Map<string, NodeStand>()
  for (const { folder, path, seq } of jobs) {
    if (seq === null) continue
    for (const stand of waitingOf(nodes, folder, { path, seq })) {
      if (!waiting.has(stand.node)) waiting.set(stand.node, stand)
    }
  }
  return [...waiting.values()]
}

export interface Sample {
  readonly atMs: number
  readonly doneBytes: number
}

const SMOOTHED_MS = 4_000

/** The last few seconds of progress, for a rate that is neither old nor nervous. */
export function noteSample(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  return [...samples.filter(({ atMs }) => sample.atMs - atMs <= SMOOTHED_MS), sample]
}

/** Bytes a second, or null where there is nothing to tell it from. */
export function rateOf(samples: readonly Sample[]): number | null {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.atMs - first.atMs < 500) return null
  return Math.max(0, ((last.doneBytes - first.doneBytes) / (last.atMs - first.atMs)) * 1000)
}
