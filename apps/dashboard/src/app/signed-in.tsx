import { isSyncError } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { client } from '../data/client.ts'
import { followSignOut } from '../data/session.ts'
import { createLiveStore } from '../live/live-store.ts'
import { noteReachable } from '../live/reachable.ts'
import { LiveContext } from '../live/use-live.ts'
import { SignIn } from './sign-in.tsx'

const RETRY_MS = 1_000

/**
 * Runs the live feed for what is inside; where the coordinator wants a sign-in, that comes first. What the page held of
 * a session that has ended goes with it.
 */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const [store, setStore] = useState(() => createLiveStore(client))
  const [mustSignIn, setMustSignIn] = useState<'no' | 'yes' | 'again'>('no')
  const [attempt, setAttempt] = useState(0)
  const queries = useQueryClient()
  useEffect(followSignOut, [])

  useEffect(() => {
    if (mustSignIn !== 'no') return
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const unfollow = store.subscribe(() => noteReachable(store.state.connection !== 'lost'))
    store.run(stop.signal).catch((error: unknown) => {
      if (stop.signal.aborted) return
      if (!isSyncError(error, 'not-signed-in')) {
        timer = setTimeout(() => setAttempt((count) => count + 1), RETRY_MS)
        return
      }
      setMustSignIn(store.state.connection === 'connecting' ? 'yes' : 'again')
      queries.clear()
      setStore(createLiveStore(client))
    })
    return () => {
      stop.abort()
      unfollow()
      clearTimeout(timer)
    }
  }, [store, queries, attempt, mustSignIn])

  if (mustSignIn !== 'no') {
    return <SignIn isAgain={mustSignIn === 'again'} onDone={() => setMustSignIn('no')} />
  }
  return <LiveContext value={store}>{children}</LiveContext>
}
