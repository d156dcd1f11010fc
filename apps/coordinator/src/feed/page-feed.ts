import {
  check,
  isSyncError,
  SubscribeMessageSchema,
  SyncError,
  type FolderId,
  type LiveMessage,
  type NodeId,
} from '@causeway/protocol'
import type { Events } from '@causeway/log'
import type { Nodes } from '../nodes/nodes.ts'
import type { Context } from '../ports/context.ts'

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
  readonly nodes: Pick<Nodes, 'get'>
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
 * is published only says that there is more to read.
 */
export function createLiveSession({ context, events, nodes }: PageFeedServices, socket: LiveSocket): LiveSession {
  const { bus, log } = context
  let open = true
  let cursor: Cursor | undefined
  let reading = false
  let more = false
  /** Nodes whose view is being read; true where it must be read once more. */
  const presenting = new Map<NodeId, boolean>()

  const stops = [
    bus.subscribe('events', () => void read()),
    bus.subscribe('node', ({ node }) => void present(node)),
    bus.subscribe('traffic', (nodes) => send({ kind: 'traffic', nodes: [...nodes] })),
    bus.subscribe('transfers', (transfers) => {
      send({ kind: 'transfers', transfers: transfers.slice(-MOST_TRANSFERS), noted: transfers.length })
    }),
    bus.subscribe('report', (report) => send({ kind: 'report', ...report })),
  ]
  void greet()

  function send(message: LiveMessage): void {
    if (open) socket.send(message)
  }

  async function greet(): Promise<void> {
    try {
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
        send(await viewOf(node))
      } while (open && presenting.get(node) === true)
    } catch (error) {
      fail(error)
    } finally {
      presenting.delete(node)
    }
  }

  async function viewOf(node: NodeId): Promise<LiveMessage> {
    try {
      return { kind: 'node', node: await nodes.get(node) }
    } catch (error) {
      if (isSyncError(error, 'not-found')) return { kind: 'node-removed', node }
      throw error
    }
  }

  async function read(): Promise<void> {
    more = true
    if (reading || cursor === undefined) return
    reading = true
    try {
      while (more && open) {
        more = false
        await socket.drained()
        await readPage(cursor)
      }
    } catch (error) {
      fail(error)
    } finally {
      // At once with the loop's last look at `more`: a wake-up in between would be lost.
      reading = false
    }
  }

  async function readPage(from: Cursor): Promise<void> {
    const filter = from.folder === undefined ? {} : { folder: from.folder }
    const page = await events.list({ after: from.after, filter, limit: PAGE })
    // A new subscription came while this was read: it has its own cursor.
    if (cursor !== from) {
      more = true
      return
    }
    for (const event of page) send({ kind: 'event', event })
    const last = page.at(-1)
    if (last !== undefined) cursor = { ...from, after: last.position }
    if (page.length === PAGE) more = true
  }

  function fail(error: unknown): void {
    log.error({ err: error }, 'a reader of events could not be served')
    socket.close(1011, 'the coordinator failed')
  }

  return {
    receive(text) {
      try {
        const { subscribe } = check(SubscribeMessageSchema, parse(text))
        cursor = { after: subscribe.after, folder: subscribe.folder }
        void read()
      } catch (error) {
        if (!isSyncError(error)) throw error
        send({ kind: 'error', code: error.code, message: error.message })
      }
    },
    closed() {
      open = false
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
