import { useEffect, useState } from 'react'
import type { LiveState } from '../../live/live-state.ts'
import { useLiveStore } from '../../live/use-live.ts'

const EVERY_MS = 250

/** A part of the live state for what people read: it follows at once, then a few times a second, however much happens. */
export function useCalm<T>(select: (state: LiveState) => T): T {
  const store = useLiveStore()
  const [value, setValue] = useState(() => select(store.state))
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const take = (): void => {
      timer = undefined
      setValue(() => select(store.state))
    }
    take()
    const stop = store.subscribe(() => (timer ??= setTimeout(take, EVERY_MS)))
    return () => {
      stop()
      clearTimeout(timer)
    }
    // The selector is a constant of its component.
  }, [store])
  return value
}
