import {
  check,
  isSyncError,
  SubscribeMessageSchema,
  SyncError,
  type FolderId,
  type HistoryEvent,
  type LiveMessage,
  type NodeId,
} from '@causeway/protocol'
import { awaits, catchUp, hinted, sent, type Events, type Following } from '@causeway/log'
import { eventsFor, nodeFor } from '../access/seen.ts'
import { maySee, type PersonRights } from '../access/person-rights.ts'
import type { Nodes } from '../nodes/nodes.ts'
import type { NodePresence } from '../nodes/presence.ts'
import type { Context } from '../ports/context.ts'
import { createFleetTraffic } from './fleet-traffic.ts'
import { LOOK_AGAIN_MS } from './node-feed.ts'

/** A person's socket, as far as a session needs it. */
export interface LiveSocket {
  /** Closes it instead where too much is before it: the reader comes back with its cursor, and nothing is lost. */
  send(message: LiveMessage): void
  /** Resolves once the socket has room, or is closed. */
  drained(): Promise<void>
  close(code: number, reason: string): void
}

export interface LiveSession {
  receive(text: string): void
  closed(): void
}

export interface PageFeedServices {
  readonly context: Context
  readonly events: Events
  readonly nodes: Pick<Nodes, 'get' | 'list'>
  readonly presence: Pick<NodePresence, 'onMovedElsewhere'>
}

interface Cursor {
  readonly after: number
  readonly folder: FolderId | undefined
}

const PAGE = 500
/** Of a burst only the newest are told; the others are there to be asked for. */
const MOST_TRANSFERS = 20

/**
 * One reader of events. Every event after the cursor is sent once and in
 * order: it is always read from the store behind the last one sent, and what
 * signals say is only that there is more to read. It is sent what its rights
 * let it see; where they change, its socket is closed and it comes back.
 */
export function createLiveSession(
  { context, events, nodes, presence }: PageFeedServices,
  rights: PersonRights,
  socket: LiveSocket,
): LiveSession {
  const { signals, broadcasts, log, timers } = context
  const traffic = createFleetTraffic(timers.now)
  let open = true
  /** Undefined until the page subscribes. */
  let following: Following<Cursor> | undefined
  /** Nodes whose view is being read; true where it must be read once more. */
  const presenting = new Map<NodeId, boolean>()
  /** The nodes that this reader knows of. */
  const known = new Set<NodeId>()

  const stops = [
    signals.subscribe('events', hint),
    signals.subscribe('missed', hint),
    signals.subscribe('node', ({ node }) => void present(node)),
    presence.onMovedElsewhere((node) => void present(node)),
    broadcasts.subscribe('traffic', (message) => {
      // What crosses for folders that are not theirs cannot be told apart in it.
      if (rights.everywhere !== null) send({ kind: 'traffic', nodes: traffic.with(message) })
    }),
    broadcasts.subscribe('transfers', (all) => {
      const transfers = all.filter(({ folder }) => maySee(rights, folder))
      if (transfers.length === 0) return
      send({ kind: 'transfers', transfers: transfers.slice(-MOST_TRANSFERS), noted: transfers.length })
    }),
    broadcasts.subscribe('report', ({ node, report }) => {
      if (maySee(rights, report.folder)) send({ kind: 'report', node, report })
    }),
  ]
  const lookingAgain = timers.every(LOOK_AGAIN_MS, hint).unref()
  void greet()

  function send(message: LiveMessage): void {
    if (open) socket.send(message)
  }

  async function greet(): Promise<void> {
    try {
      for (const view of await nodes.list()) if (nodeFor(rights, view) !== null) known.add(view.id)
      send({ kind: 'hello', coordinator: context.id, position: await events.position() })
    } catch (error) {
      fail(error)
    }
  }

  /** However often a node changes, it is looked up once at a time, and no faster than the socket takes it. */
  async function present(node: NodeId): Promise<void> {
    const isPresenting = presenting.has(node)
    presenting.set(node, isPresenting)
    if (isPresenting) return
    try {
      do {
        await socket.drained()
        presenting.set(node, false)
        const view = await viewOf(node)
        if (view !== null) send(view)
      } while (open && presenting.get(node) === true)
    } catch (error) {
      fail(error)
    } finally {
      presenting.delete(node)
    }
  }

  /** Null for a node that this reader knows nothing of. */
  async function viewOf(id: NodeId): Promise<LiveMessage | null> {
    try {
      const node = nodeFor(rights, await nodes.get(id))
      if (node !== null) {
        known.add(id)
        return { kind: 'node', node }
      }
    } catch (error) {
      if (!isSyncError(error, 'not-found')) throw error
    }
    return known.delete(id) ? { kind: 'node-removed', node: id } : null
  }

  function hint(): void {
    if (following === undefined) return
    const { next, read } = hinted(following)
    following = next
    if (read) void readOn()
  }

  /** Reads on behind the last event that was sent, until there is no more. */
  async function readOn(): Promise<void> {
    try {
      while (open && following?.kind === 'catchup') {
        const { at } = following
        await socket.drained()
        const page = await pageAfter(at)
        // A new subscription came while this was read: it has its own cursor, and its own read.
        if (!awaits(following, at)) return
        for (const event of page) send({ kind: 'event', event })
        const { next, again } = sent(following, { ...at, after: page.at(-1)?.position ?? at.after })
        following = again || page.length === PAGE ? hinted(next).next : next
      }
    } catch (error) {
      fail(error)
    }
  }

  function pageAfter({ after, folder }: Cursor): Promise<readonly HistoryEvent[]> {
    return events.list({ after, filter: eventsFor(rights, folder === undefined ? {} : { folder }), limit: PAGE })
  }

  function fail(error: unknown): void {
    log.error({ err: error }, 'a reader of events could not be served')
    socket.close(1011, 'the coordinator failed')
  }

  return {
    receive(text) {
      try {
        const { subscribe } = check(SubscribeMessageSchema, parse(text))
        following = catchUp({ after: subscribe.after, folder: subscribe.folder })
        void readOn()
      } catch (error) {
        if (!isSyncError(error)) throw error
        send({ kind: 'error', code: error.code, message: error.message })
      }
    },
    closed() {
      open = false
      lookingAgain.cancel()
      for (const stop of stops) stop()
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyncError('bad-request', 'the message is not JSON', { cause })
  }
}
