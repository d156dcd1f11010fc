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
  /** What was done since the last rest, of what is known; what is not known yet is taken to be like what is. `null` at rest. */
  work(changesLeft: number): WorkDone | null
  /** True if a transfer is under way and has not moved for some seconds. */
  isStalled(): boolean
  /** What was under way is given up: it will be planned again. */
  brokeOff(): void
  /** Everything is done: the next transfer counts from zero. */
  reset(): void
}

/** Changes are files, directories, moves and deletes. */
export interface WorkDone {
  readonly done: number
  readonly total: number
  readonly bytes: number
  readonly bytesTotal: number
  /** True while `bytesTotal` holds files whose sizes are not known yet. */
  readonly isEstimate: boolean
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

  function left(changesLeft: number): ReturnType<typeof workLeft> {
    changesAre(changesLeft)
    const { files: movedFiles, filesTotal: sizedFiles, bytes, bytesTotal } = counts
    return workLeft({ changesDone: changes.done, changesLeft, sizedFiles, movedFiles, bytes, bytesTotal })
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
      return secondsLeft(pace, left(changesLeft), now())
    },
    work(changesLeft) {
      const { bytes, isEstimate } = left(changesLeft)
      const total = changes.done + changesLeft
      if (total === 0 && counts.filesTotal === 0 && counts.bytes === 0) return null
      return {
        done: changes.done,
        total,
        bytes: counts.bytes,
        bytesTotal: Math.round(counts.bytes + bytes),
        isEstimate,
      }
    },
    brokeOff: () => change({ filesTotal: counts.files, bytesTotal: counts.bytes }),
    isStalled: () => counts.bytes < counts.bytesTotal && isStalled(pace, now()),
    reset() {
      counts = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 }
      changes = { done: 0, left: 0 }
      begins()
    },
  }
}
