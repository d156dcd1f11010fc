import type { NodeView } from '@causeway/protocol'
import { standsOf, standWords, type NodeStand, type Stand } from '../pages/files/stands.ts'
import { bytes, count, listOf, plural } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'
import type { Job } from './job.ts'
import type { Totals } from './totals.ts'

export function titleWords({ files, byPhase, busy }: Totals): string {
  if (busy) {
    const open = byPhase.queued + byPhase.sending + byPhase.retrying
    if (open === 0) return `Paused: ${plural(byPhase.paused, 'file')} to send`
    return `Uploading ${plural(open + byPhase.paused, 'file')}${files > open + byPhase.paused ? ` of ${count(files)}` : ''}`
  }
  const parts = [
    ...(byPhase.arrived > 0 ? [`${plural(byPhase.arrived, 'file')} uploaded`] : []),
    ...(byPhase.failed > 0 ? [`${plural(byPhase.failed, 'file')} failed`] : []),
    ...(byPhase.cancelled > 0 ? [`${plural(byPhase.cancelled, 'file')} cancelled`] : []),
  ]
  return parts.join(', ')
}

/** Where the files that arrived have got to. */
export function spreadWords(waiting: readonly NodeStand[], jobs: readonly Job[], nodes: readonly NodeView[]): string {
  if (waiting.length > 0) {
    const coming = waiting.filter(({ stand }) => stand.kind === 'coming')
    const held = waiting.filter(({ stand }) => stand.kind !== 'coming')
    const parts = [
      ...(coming.length > 0 ? [`On the way to ${listOf(coming.map(({ name }) => isolated(name)))}.`] : []),
      ...(held.length > 0
        ? [`Held back: ${listOf(held.map(({ name, stand }) => `${isolated(name)} (${heldWords(stand)})`))}.`]
        : []),
    ]
    return parts.join(' ')
  }
  const arrived = jobs.find(({ seq }) => seq !== null)
  if (arrived === undefined || arrived.seq === null) return ''
  const all = standsOf(nodes, arrived.folder, { path: arrived.path, seq: arrived.seq }).length
  return all === 0 ? 'No node has this folder yet.' : all === 1 ? 'The one node has it.' : `All ${all} nodes have it.`
}

function heldWords(stand: Stand): string {
  return stand.kind === 'offline' ? 'offline' : standWords(stand, String)
}

/** One file: how far it is, or what holds it. */
export function jobWords({ phase, size, doneBytes, sentBytes, why }: Job, waiting: readonly NodeStand[]): string {
  switch (phase) {
    case 'queued':
      return `${bytes(size)}, waits for its turn`
    case 'sending':
      return `${bytes(doneBytes)} of ${bytes(size)}${doneBytes > 0 && sentBytes < doneBytes ? `, ${bytes(sentBytes)} sent` : ''}`
    case 'retrying':
      return why ?? 'Trying again'
    case 'paused':
      return `Paused at ${bytes(doneBytes)} of ${bytes(size)}`
    case 'failed':
      return why ?? 'Failed'
    case 'cancelled':
      return 'Cancelled'
    case 'arrived': {
      // Frames have headers: what is sent whole comes out a little longer.
      const sent = sentBytes < size ? `${bytes(sentBytes)} sent of ${bytes(size)}` : bytes(size)
      if (waiting.length === 0) return `${sent}, on every node`
      const held = waiting.filter(({ stand }) => stand.kind !== 'coming')
      return held.length > 0 && held.length === waiting.length
        ? `${sent}, held back on ${listOf(held.map(({ name }) => isolated(name)))}`
        : `${sent}, on its way to ${plural(waiting.length, 'node')}`
    }
  }
}
