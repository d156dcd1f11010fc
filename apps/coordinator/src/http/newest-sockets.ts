import type { BoundedSocket } from './sockets.ts'

/** Keeps at most so many sockets of one owner open: a further one ends the oldest. */
export interface NewestSockets<Owner> {
  /** Returns how to take it out again. */
  add(owner: Owner, socket: BoundedSocket): () => void
}

export function createNewestSockets<Owner>(most: number, reason: string): NewestSockets<Owner> {
  const open = new Map<Owner, Set<BoundedSocket>>()
  return {
    add(owner, socket) {
      const own = open.get(owner) ?? new Set()
      open.set(owner, own.add(socket))
      const [oldest] = own
      if (own.size > most) oldest?.close(4409, reason)
      return () => {
        own.delete(socket)
        if (own.size === 0) open.delete(owner)
      }
    },
  }
}
