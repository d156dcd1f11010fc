import { ROUTES, SyncError, type KeyRotationView } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { KeyRotation, ServedTls } from '../ports/served-tls.ts'
import type { App } from './app.ts'
import { serveRoute } from './serve-route.ts'

const { keys: KEYS } = ROUTES

/** The replacement of the TLS key that nodes have pinned, in two steps. */
export function addKeyRoutes(app: App, { context, pinnedKeys }: Coordinator, tls: ServedTls | undefined): void {
  async function view(): Promise<KeyRotationView> {
    const { next } = rotationOf(tls)
    const [current] = context.keyPins.current()
    if (current === undefined) throw new SyncError('internal', 'a key is being replaced, and none is in use')
    return { current, next, waitingFor: next === null ? [] : await pinnedKeys.lacking(next) }
  }

  serveRoute(app, KEYS.view, view)
  serveRoute(app, KEYS.begin, async () => {
    await rotationOf(tls).begin()
    return view()
  })
  serveRoute(app, KEYS.cancel, async () => {
    await rotationOf(tls).cancel()
    return view()
  })
  serveRoute(app, KEYS.finish, async (request) => {
    const { waitingFor } = await view()
    if (waitingFor.length > 0 && !request.body.leaveBehind) throw tooEarly(waitingFor)
    await rotationOf(tls).finish()
    return view()
  })
}

function rotationOf(tls: ServedTls | undefined): KeyRotation {
  if (tls === undefined) throw new SyncError('bad-request', 'this coordinator speaks plain HTTP: it has no key')
  if (tls.rotation !== null) return tls.rotation
  throw new SyncError(
    'bad-request',
    'this coordinator shows your own certificate, and nodes have pinned no key of it: replace the files of --tls-cert and --tls-key',
  )
}

function tooEarly(waitingFor: KeyRotationView['waitingFor']): SyncError {
  const names = waitingFor.map(({ name }) => name).join(', ')
  return new SyncError(
    'not-allowed',
    `these nodes have not learned of the new key: ${names}. Start them once, remove those that are gone for good, or ` +
      'leave them behind: they then have to join again with a new link',
  )
}
