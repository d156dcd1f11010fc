import { isSyncError } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState, type ReactNode } from 'react'
import { client } from '../data/client.ts'
import { followSignOut } from '../data/session.ts'
import { createLiveStore, type LiveStore } from '../live/live-store.ts'
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
    const unhear = onReturn(store, () => {
      // What one may see may have changed meanwhile: that is a reason why a socket is closed.
      for (const queryKey of [['session'], ['folders']]) void queries.invalidateQueries({ queryKey })
    })
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
      unhear()
      clearTimeout(timer)
    }
  }, [store, queries, attempt, mustSignIn])

  if (mustSignIn !== 'no') {
    return <SignIn isAgain={mustSignIn === 'again'} onDone={() => setMustSignIn('no')} />
  }
  return <LiveContext value={store}>{children}</LiveContext>
}

/** Calls back each time that the connection stands again; the first time does not count. */
function onReturn(store: LiveStore, work: () => void): () => void {
  let wasThere = false
  return store.onMessage(({ kind }) => {
    if (kind !== 'hello') return
    if (wasThere) work()
    wasThere = true
  })
}
