import { createContext, useContext, useSyncExternalStore } from 'react'
import type { LiveState } from './live-state.ts'
import type { LiveStore } from './live-store.ts'

export const LiveContext = createContext<LiveStore | null>(null)

export function useLiveStore(): LiveStore {
  const store = useContext(LiveContext)
  if (store === null) throw new Error('the page is outside of the live feed')
  return store
}

/** A part of the live state. The selector must give the same value for the same state. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const store = useLiveStore()
  return useSyncExternalStore(store.subscribe, () => select(store.state))
}
