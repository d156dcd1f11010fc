import { REST_ROUTES, type HistoryEvent } from '@causeway/protocol'
import { followEvents, type EventsOptions } from './follow-events.ts'
import { followLive, type LiveOptions } from './follow-live.ts'
import { createHttp } from './http.ts'
import { peopleCalls } from './people-calls.ts'
import { restCalls } from './rest-calls.ts'
import { openPlatformWebSocket, type OpenWebSocket } from './web-socket.ts'

export interface ClientOptions {
  /** Origin of the coordinator. */
  readonly url: string
  /** The admin token, an API token, or a session's; in a browser the cookie of a signed-in session does instead. */
  readonly token?: string
  readonly fetch?: typeof fetch
  readonly openWebSocket?: OpenWebSocket
}

/** The coordinator's REST interface and its events, typed. Works in Node and in browsers. */
export type Client = ReturnType<typeof restCalls> &
  ReturnType<typeof peopleCalls> & {
    /**
     * Every event after a position, once each and in order, for as long as it
     * is iterated: lost connections are made again and resume where they broke.
     * Throws only what a new connection can't heal, `not-signed-in` above all.
     */
    events(options: EventsOptions): AsyncIterable<HistoryEvent>
    /** The same with everything else that is told to people, and with news of the connection itself. */
    live(options: LiveOptions): Promise<void>
  }

export function createClient({ url, token, fetch, openWebSocket = openPlatformWebSocket }: ClientOptions): Client {
  const http = createHttp({ url, token, fetch })
  const calls = { ...restCalls(http), ...peopleCalls(http) }
  const source = {
    open: () => openWebSocket(liveUrl(url), token),
    probe: async (after: number) => void (await calls.pastEvents({ after, limit: 1 })),
  }
  return {
    ...calls,
    events: (options) => followEvents(source, options),
    live: (options) => followLive(source, options),
  }
}

function liveUrl(url: string): string {
  const address = new URL(REST_ROUTES.coordinator.live.path, url)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  return address.href
}
