import { isSyncError } from '@causeway/protocol'
import { useEffect, useState, type ReactNode } from 'react'
import { client } from '../data/client.ts'
import { createLiveStore } from '../live/live-store.ts'
import { LiveContext } from '../live/use-live.ts'
import { SignIn } from './sign-in.tsx'

const RETRY_MS = 1_000

/** Runs the live feed for what is inside; where the coordinator wants a sign-in, that comes first. */
export function SignedIn({ children }: { readonly children: ReactNode }) {
  const [store] = useState(() => createLiveStore(client))
  const [mustSignIn, setMustSignIn] = useState(false)
  const [attempt, setAttempt] = useState(0)

  useEffect(() => {
    const stop = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    store.run(stop.signal).catch((error: unknown) => {
      if (stop.signal.aborted) return
      if (isSyncError(error, 'not-signed-in')) setMustSignIn(true)
      else timer = setTimeout(() => setAttempt((count) => count + 1), RETRY_MS)
    })
    return () => {
      stop.abort()
      clearTimeout(timer)
    }
  }, [store, attempt])

  if (mustSignIn) {
    return (
      <SignIn
        onDone={() => {
          setMustSignIn(false)
          setAttempt((count) => count + 1)
        }}
      />
    )
  }
  return <LiveContext value={store}>{children}</LiveContext>
}
