import { createRateMeter } from '@causeway/engine'
import type { FolderReport } from '@causeway/protocol'
import type { ProgressListener } from '../ports.ts'

/** Counts a folder's transfers since it was last at rest. */
export interface ProgressCounter extends ProgressListener {
  /** `null` where nothing was planned. */
  snapshot(): FolderReport['transfer']
  /** Bytes a second lately. */
  bytesPerSecond(): number
  /** Until what is planned is done; `null` while nobody can tell. */
  secondsLeft(): number | null
  /** True if a transfer is under way and has not moved for some seconds. */
  isStalled(): boolean
  /** Everything is done: the next transfer counts from zero. */
  reset(): void
}

export function createProgressCounter(options: { now(): number; onChange(): void }): ProgressCounter {
  const { now, onChange } = options
  let counts = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 }
  let meter = createRateMeter(now())

  function change(next: Partial<typeof counts>): void {
    counts = { ...counts, ...next }
    onChange()
  }

  return {
    planned(files, bytes) {
      // Before that, nothing was to be moved.
      if (counts.bytes >= counts.bytesTotal) meter = createRateMeter(now())
      change({ filesTotal: counts.filesTotal + files, bytesTotal: counts.bytesTotal + bytes })
    },
    moved(bytes) {
      meter.add(bytes, now())
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
    secondsLeft: () => meter.secondsLeft(counts.bytesTotal - counts.bytes, now()),
    isStalled: () => counts.bytes < counts.bytesTotal && meter.isStalled(now()),
    reset() {
      counts = { files: 0, filesTotal: 0, bytes: 0, bytesTotal: 0 }
      meter = createRateMeter(now())
    },
  }
}
