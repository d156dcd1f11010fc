import { isSyncError, type FolderId, type LiveMessage, type NodeView } from '@causeway/protocol'
import type { Client } from '@causeway/client'
import { begin, connected, NOTHING_YET, take, type LiveState } from './live-state.ts'

/** Feeds the pages: REST once for what there is, then one socket for what changes. */
export interface LiveStore {
  readonly state: LiveState
  subscribe(listener: () => void): () => void
  /** Hears each message as it comes; for what need not be drawn at once. */
  onMessage(listener: (message: LiveMessage) => void): () => void
  /** Runs until the signal ends it. Rejects with `not-signed-in` where a person must sign in first. */
  run(signal: AbortSignal): Promise<void>
}

const FIRST_EVENTS = 500
/** At most so often, and never more than a tenth of the time, is asked how far behind those are who do not follow. */
const AWAY_MS = 1_000
const AWAY_SHARE = 10

export function createLiveStore(client: Client, schedule: (work: () => void) => void = requestFrame): LiveStore {
  let state = NOTHING_YET
  let waiting: LiveMessage[] = []
  const listeners = new Set<() => void>()
  const messageListeners = new Set<(message: LiveMessage) => void>()
  /** One list for each answer under way: what was told since it was asked for. */
  const toldMeanwhile = new Set<LiveMessage[]>()
  let lookingAfterAway = false

  function become(next: LiveState): void {
    if (next === state) return
    state = next
    for (const listener of listeners) listener()
  }

  /** A burst of messages is one change to the pages, however many there are. */
  function receive(message: LiveMessage): void {
    for (const listener of messageListeners) listener(message)
    for (const told of toldMeanwhile) told.push(message)
    if (message.kind === 'event') void lookAfterAway(message.event.folder)
    waiting.push(message)
    if (waiting.length > 1) return
    schedule(() => {
      const messages = waiting
      waiting = []
      become(take(state, messages))
    })
  }

  return {
    get state() {
      return state
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onMessage(listener) {
      messageListeners.add(listener)
      return () => messageListeners.delete(listener)
    },
    async run(signal) {
      const [nodes, events] = await Promise.all([client.nodes(), client.pastEvents({ limit: FIRST_EVENTS })])
      if (signal.aborted) return
      become(begin(state, { nodes, events: events.toReversed() }))
      await client.live({
        after: state.position,
        signal,
        message: receive,
        state(connection) {
          become(connected(state, connection, Date.now()))
          // Presence is told once when it changes: what changed while the socket was away must be asked for.
          if (connection === 'live') void refreshNodes()
        },
      })
    },
  }

  /** A node that is offline or paused falls behind with every change, and nobody tells: only those who follow are heard. */
  async function lookAfterAway(folder: FolderId | null): Promise<void> {
    if (lookingAfterAway || ![...state.nodes.values()].some((node) => isAway(node, folder))) return
    lookingAfterAway = true
    await pause(AWAY_MS)
    const began = Date.now()
    try {
      await askForNodes((node) => isAway(node, null))
    } catch {
      // Once the connection stands again, all nodes are asked for anyway.
    }
    await pause((Date.now() - began) * (AWAY_SHARE - 1))
    lookingAfterAway = false
  }

  async function refreshNodes(): Promise<void> {
    try {
      await askForNodes()
    } catch (error) {
      if (!isSyncError(error, 'offline')) throw error
    }
  }

  /**
   * An answer may be older than what was told while it was under way, so that is taken once more on top of it. With
   * `only`, the other nodes stay as they are known.
   */
  async function askForNodes(only?: (node: NodeView) => boolean): Promise<void> {
    const told: LiveMessage[] = []
    toldMeanwhile.add(told)
    try {
      const nodes = await client.nodes()
      const asked = nodes.filter(only ?? (() => true)).map((node) => [node.id, node] as const)
      const kept = only === undefined ? [] : state.nodes
      become(take({ ...state, nodes: new Map([...kept, ...asked]) }, told))
    } finally {
      toldMeanwhile.delete(told)
    }
  }
}

/** Carries the folder (any, if null) and does not take in what changes there. */
function isAway({ online, folders }: NodeView, folder: FolderId | null): boolean {
  return folders.some((member) => (folder === null || member.folder === folder) && (!online || member.paused))
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function requestFrame(work: () => void): void {
  // A hidden tab gets no frames, yet its state must not fall behind.
  if (document.hidden) setTimeout(work, 250)
  else requestAnimationFrame(work)
}
