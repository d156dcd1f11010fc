import { check, LiveMessageSchema, type HistoryEvent } from '@causeway/protocol'
import type { Coordinator } from './coordinator.ts'

/** A subscription to `/ws`: the events after a position, as they come. */
export class LiveEvents {
  readonly events: HistoryEvent[] = []
  /** Resolves once its socket is closed, by whichever side. */
  readonly ended: Promise<void>
  #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
    this.ended = new Promise((resolve) => socket.addEventListener('close', () => resolve(), { once: true }))
  }

  static async open(coordinator: Pick<Coordinator, 'url'>, after: number): Promise<LiveEvents> {
    const socket = new WebSocket(`${coordinator.url.replace('http', 'ws')}/ws`)
    const live = new LiveEvents(socket)
    socket.addEventListener('message', ({ data }) => {
      const message = check(LiveMessageSchema, JSON.parse(String(data)))
      if (message.kind === 'event') live.events.push(message.event)
    })
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true })
      socket.addEventListener('error', () => reject(new Error('/ws could not be opened')), { once: true })
    })
    socket.send(JSON.stringify({ subscribe: { after } }))
    return live
  }

  get lastPosition(): number {
    return this.events.at(-1)?.position ?? 0
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN
  }

  async close(): Promise<void> {
    if (this.#socket.readyState === WebSocket.CLOSED) return
    const closed = new Promise((resolve) => this.#socket.addEventListener('close', resolve, { once: true }))
    this.#socket.close()
    await closed
  }
}
