import type { RelativePath } from '../files.ts'
import type { WatchHint } from '../watcher.ts'

/** Collects hints, and gives them out as few as say the same. */
export interface HintBatch {
  add(directory: RelativePath, recursive: boolean): void
  readonly isEmpty: boolean
  /** The hints, parents first, none that a recursive one covers. The batch is empty afterwards. */
  take(): readonly WatchHint[]
}

export function createHintBatch(): HintBatch {
  let hints = new Map<RelativePath, boolean>()
  return {
    add(directory, recursive) {
      if (recursive || !hints.has(directory)) hints.set(directory, recursive)
    },
    get isEmpty() {
      return hints.size === 0
    },
    take() {
      const all = hints
      hints = new Map()
      return [...all]
        .filter(([directory]) => !hasRecursiveParent(all, directory))
        .map(([directory, recursive]) => ({ directory, recursive }))
        .sort((a, b) => a.directory.length - b.directory.length)
    },
  }
}

function hasRecursiveParent(hints: ReadonlyMap<RelativePath, boolean>, directory: RelativePath): boolean {
  if (directory === '') return false
  if (hints.get('') === true) return true
  for (let slash = directory.lastIndexOf('/'); slash !== -1; slash = directory.lastIndexOf('/', slash - 1)) {
    if (hints.get(directory.slice(0, slash)) === true) return true
    if (slash === 0) return false
  }
  return false
}
