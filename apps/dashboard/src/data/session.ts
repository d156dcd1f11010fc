import { totalsOf } from '../upload/totals.ts'
import { uploads } from '../upload/page-uploads.ts'
import { modals } from '../parts/confirm.tsx'
import { client } from './client.ts'
import { useSession } from './rights.ts'
import { useAction } from './use-action.ts'

/** Tells the other tabs of this browser. */
const CHANNEL = 'causeway-session'
const ENDED = 'signed-out'

/** Ends the session, or undefined where there is none to end: a coordinator that asks nobody to sign in. */
export function useSignOut(): (() => void) | undefined {
  const session = useSession()
  const { run } = useAction('sign out', async () => {
    uploads.cancel()
    await client.signOut()
    const channel = new BroadcastChannel(CHANNEL)
    channel.postMessage(ENDED)
    channel.close()
    leave()
  })
  if (session?.canSignOut !== true) return undefined
  return () => {
    if (!totalsOf(uploads.jobs).busy) return void run()
    modals.confirm({
      title: 'Sign out while files are being uploaded?',
      text: 'What has arrived stays. Uploads in progress stop; you can upload those files again later.',
      action: 'Sign out',
      onConfirm: () => void run(),
    })
  }
}

/** Leaves this page too when another tab has signed out. Returns how to stop listening. */
export function followSignOut(): () => void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.addEventListener('message', ({ data }) => data === ENDED && leave())
  return () => channel.close()
}

/** Loads the page again: nothing of what it held stays in memory, and its address names nothing any more. */
function leave(): void {
  // A browser may keep the page for its back button, with all that it holds: it is loaded anew then too.
  window.addEventListener('pageshow', () => location.reload())
  location.replace('/')
}
