import { directoryOf } from '@causeway/engine'
import { LONGEST_SAVE_MS } from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import { systemTimers } from '@causeway/time'
import type { FoundChange, SaveStopwatch } from '../ports.ts'
import { hasRecursiveAbove } from './hints.ts'

/** While so many files of a folder wait, others are not timed: what waits longest must not be what is left out. */
const MOST_WAITING = 10_000

interface Notices {
  readonly firstMs: number
  readonly lastMs: number
}

/**
 * Stops one folder's saves by a clock that only goes forward. Several saves of
 * a file that reach the coordinator as one are one, timed from the first; a
 * commit that has to be repeated, or to wait for the link, is timed to the end.
 */
export function createSaveStopwatch(options: { now?(): number; onSaved(tookMs: number): void }): SaveStopwatch {
  const { now = systemTimers.now, onSaved } = options
  const waiting = new Map<RelativePath, Notices>()
  let scanBeganMs = -Infinity

  /** What was noticed up to the scan is dealt with; what came after it is for the next one to tell. */
  function deal(path: RelativePath, { lastMs }: Notices): void {
    if (lastMs < scanBeganMs) waiting.delete(path)
    else waiting.set(path, { firstMs: lastMs, lastMs })
  }

  function unchanged(path: RelativePath): void {
    const notices = waiting.get(path)
    if (notices !== undefined) deal(path, notices)
  }

  return {
    noticed(path) {
      const lastMs = now()
      const known = waiting.get(path)
      if (known !== undefined) waiting.set(path, { firstMs: known.firstMs, lastMs })
      else if (waiting.size < MOST_WAITING) waiting.set(path, { firstMs: lastMs, lastMs })
    },
    scanBegins() {
      scanBeganMs = now()
    },
    scanned(scope, changes) {
      if (waiting.size === 0) return
      const looked = new Map(scope.map(({ directory, recursive }) => [directory, recursive]))
      const saved = new Set(changes.flatMap((change) => (isSave(change) ? [change.path] : [])))
      for (const [path, notices] of waiting) {
        const directory = directoryOf(path)
        if (!saved.has(path) && (looked.has(directory) || hasRecursiveAbove(looked, directory))) deal(path, notices)
      }
    },
    unfinished(path) {
      const notices = waiting.get(path)
      if (notices !== undefined) waiting.set(path, { firstMs: notices.lastMs, lastMs: notices.lastMs })
    },
    unchanged,
    accepted(path) {
      const notices = waiting.get(path)
      if (notices === undefined) return
      onSaved(Math.min(now() - notices.firstMs, LONGEST_SAVE_MS))
      deal(path, notices)
    },
    forget: () => waiting.clear(),
  }
}

/** A rename, a delete or a new directory is no save. */
function isSave({ kind, stat }: FoundChange): boolean {
  return (kind === 'create' || kind === 'edit') && stat?.kind === 'file'
}
