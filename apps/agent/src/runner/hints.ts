import type { WatchHint } from '@causeway/replica'

/** Everything below the root. */
export const WHOLE_TREE: WatchHint = { directory: '', recursive: true }

/** Beyond this many directories one look at everything is cheaper, and memory stays bounded. */
const MOST_HINTS = 2_000

/** Directories to look at again, each once, without those that another one covers. */
export interface HintSet {
  add(hint: WatchHint): void
  /** Hands over what was gathered and begins anew. */
  take(): readonly WatchHint[]
  readonly isEmpty: boolean
  /** True if the whole tree is to be looked at. */
  readonly isWhole: boolean
}

export function createHintSet(): HintSet {
  let recursiveOf = new Map<string, boolean>()

  function isCovered(directory: string): boolean {
    for (let at = directory; at !== ''; at = parentOf(at)) if (recursiveOf.get(at) === true) return true
    return recursiveOf.get('') === true
  }

  return {
    get isEmpty() {
      return recursiveOf.size === 0
    },
    get isWhole() {
      return recursiveOf.get('') === true
    },
    add({ directory, recursive }) {
      if (isCovered(directory)) return
      if ((recursive && directory === '') || recursiveOf.size >= MOST_HINTS) {
        recursiveOf = new Map([['', true]])
        return
      }
      recursiveOf.set(directory, recursive)
    },
    take() {
      const gathered = recursiveOf
      recursiveOf = new Map()
      return [...gathered]
        .filter(([directory]) => directory === '' || !hasRecursiveAbove(gathered, directory))
        .map(([directory, recursive]) => ({ directory, recursive }))
    },
  }
}

/** True if a directory above this one is to be looked at with all below; `hints` by directory. */
export function hasRecursiveAbove(hints: ReadonlyMap<string, boolean>, directory: string): boolean {
  for (let at = directory; at !== '';) {
    at = parentOf(at)
    if (hints.get(at) === true) return true
  }
  return false
}

function parentOf(directory: string): string {
  const slash = directory.lastIndexOf('/')
  return slash === -1 ? '' : directory.slice(0, slash)
}
