import { setImmediate as turn } from 'node:timers/promises'
import type { VirtualTime } from '@causeway/time'

/** Turns of the real event loop in which all that can run does: nothing in the world waits for threads, disks or sockets. */
const TURNS = 2

export async function settle(): Promise<void> {
  for (let index = 0; index < TURNS; index++) await turn()
}

/** Lets so much virtual time pass, and all that comes due in it happen. */
export async function pass(time: VirtualTime, milliseconds: number): Promise<void> {
  const endMs = time.nowMs + milliseconds
  await settle()
  while (time.nextMs <= endMs) {
    time.step()
    await settle()
  }
  time.advance(Math.max(0, endMs - time.nowMs))
}

/** Real turns until a promise is settled that nothing virtual holds up. */
export async function finish<T>(time: VirtualTime, work: Promise<T>): Promise<T> {
  let isOver = false
  const watched = work.finally(() => {
    isOver = true
  })
  watched.catch(() => undefined)
  for (let waited = 0; !isOver; waited++) {
    await settle()
    if (isOver) break
    if (waited > 100_000) throw new Error('something in the world never ends')
    if (waited > 20) time.step()
  }
  return watched
}
