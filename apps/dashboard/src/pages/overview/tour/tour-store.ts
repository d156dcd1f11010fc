import { useSyncExternalStore } from 'react'
import { readKept } from './kept.ts'
import { NOT_BEGUN, type Progress } from './progress.ts'

/** The tour as this browser remembers it, for one coordinator: another one at the same address begins anew. */
export interface TourStore {
  readonly progress: Progress
  become(next: Progress): void
  subscribe(listener: () => void): () => void
}

export function createTourStore(coordinator: string, storage: Pick<Storage, 'getItem' | 'setItem'>): TourStore {
  const key = `causeway.tour.${coordinator}`
  const listeners = new Set<() => void>()
  let progress = read()

  function read(): Progress {
    try {
      return readKept(storage.getItem(key))
    } catch {
      // A browser that keeps nothing shows the tour anew each time.
      return NOT_BEGUN
    }
  }

  return {
    get progress() {
      return progress
    },
    become(next) {
      if (next === progress) return
      progress = next
      try {
        storage.setItem(key, JSON.stringify(next))
      } catch {
        // As above: it holds until the page is left.
      }
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

const stores = new Map<string, TourStore>()

export function tourOf(coordinator: string): TourStore {
  const known = stores.get(coordinator)
  if (known !== undefined) return known
  const made = createTourStore(coordinator, localStorage)
  stores.set(coordinator, made)
  return made
}

/** How far the tour is; `undefined` while it is not known whose it is. */
export function useProgress(tour: TourStore | undefined): Progress | undefined {
  return useSyncExternalStore(tour?.subscribe ?? never, () => tour?.progress)
}

function never(): () => void {
  return () => undefined
}
