import { createRateMeter, isStalled, paceAfter, paceFrom, secondsLeft, workLeft } from '@causeway/engine'
import type { FolderReport } from '@causeway/protocol'
import type { ProgressListener } from '../ports.ts'

/** Counts a folder's transfers since it was last at rest. */
export interface ProgressCounter extends ProgressListener {
  /** `null` where nothing was planned. */
  snapshot(): FolderReport['transfer']
  /** Bytes a second lately. */
  bytesPerSecond(): number
  /** Until what is planned, and so many changes, are done; `null` while nobody can tell. Also hears by this how changes go. */
  secondsLeft(changesLeft: number): number | null
  /** True if a transfer is under way and has not moved for some seconds. */
  isStalled(): boolean
  /** Everything is done: the next transfer counts from zero. */
  reset(): void
}

export function createProgressCounter(options: { now(): number; onChange(): void }): ProgressCounter {
  const { now, onChange } = options
  let counts = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 }
  let changes = { done: 0, left: 0 }
  let meter = createRateMeter(now())
  let pace = paceFrom(now())

  function change(next: Partial<typeof counts>): void {
    counts = { ...counts, ...next }
    onChange()
  }

  /** Before that, nothing was to be done. */
  function begins(): void {
    meter = createRateMeter(now())
    pace = paceFrom(now())
  }

  /** Fewer than before are done; more than before were found. */
  function changesAre(left: number): void {
    const done = Math.max(0, changes.left - left)
    if (changes.left === 0 && left > 0 && counts.bytes >= counts.bytesTotal) begins()
    pace = paceAfter(pace, { changes: done, bytes: 0 }, now())
    changes = { done: changes.done + done, left }
  }

  return {
    planned(files, bytes) {
      if (changes.left === 0 && counts.bytes >= counts.bytesTotal) begins()
      change({ filesTotal: counts.filesTotal + files, bytesTotal: counts.bytesTotal + bytes })
    },
    moved(bytes) {
      meter.add(bytes, now())
      pace = paceAfter(pace, { changes: 0, bytes }, now())
      change({ bytes: counts.bytes + bytes })
    },
    finished(files) {
      change({ files: counts.files + files })
    },
    snapshot() {
      if (counts.filesTotal === 0 && counts.bytes === 0) return null
      return { ...counts, bytesTotal: Math.max(counts.bytesTotal, counts.bytes) }
    },
    bytesPerSecond: () => meter.bytesPerSecond(now()),
    secondsLeft(changesLeft) {
      changesAre(changesLeft)
      const known = { changesDone: changes.done, changesLeft, sizedFiles: counts.filesTotal, ...counts }
      return secondsLeft(pace, workLeft(known), now())
    },
    isStalled: () => counts.bytes < counts.bytesTotal && isStalled(pace, now()),
    reset() {
      counts = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 }
      changes = { done: 0, left: 0 }
      begins()
    },
  }
}
