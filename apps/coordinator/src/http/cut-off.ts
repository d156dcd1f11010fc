import type { Log } from '@causeway/log'
import type { MetadataStore } from '@causeway/store'
import type { Timer, Timers } from '@causeway/time'
import type { Drain } from './drain.ts'

/** Looks whether the database that several coordinators share still answers this one. */
export interface CutOff {
  start(): void
  stop(): void
}

export interface CutOffOptions {
  readonly metadata: Pick<MetadataStore, 'read'>
  readonly timers: Timers
  readonly drain: Pick<Drain, 'sendAway'>
  readonly log: Log
}

const LOOK_EVERY_MS = 1_000
/** After so many looks in a row without an answer it is as good as gone. */
const MOST_UNANSWERED = 4

/**
 * Sends away whoever holds a socket while the database does not answer: what
 * was committed elsewhere does not come to them here, and neither does the word
 * that a node was removed. A node goes to another coordinator and, where that
 * is this one again, is not let in before the database answers. So no removed
 * node keeps a socket for longer than five seconds, wherever it is.
 */
export function createCutOff({ metadata, timers, drain, log }: CutOffOptions): CutOff {
  let timer: Timer | undefined
  let unanswered = 0
  let asking = 0

  function look(): void {
    // Counted by looks, not by the clock: a process that had no time itself knows nothing of the database.
    if (unanswered >= MOST_UNANSWERED) {
      if (unanswered === MOST_UNANSWERED) log.warn({}, 'the database does not answer: sockets are closed until it does')
      drain.sendAway()
    }
    unanswered++
    // One connection may be dead while others are not.
    if (asking >= MOST_UNANSWERED) return
    asking++
    metadata
      .read((tx) => tx.setting('health'))
      .then(
        () => (unanswered = 0),
        (error: unknown) => log.debug({ err: error }, 'the database did not answer'),
      )
      .finally(() => asking--)
  }

  return {
    start: () => void (timer ??= timers.every(LOOK_EVERY_MS, look)),
    stop() {
      timer?.cancel()
      timer = undefined
    },
  }
}
