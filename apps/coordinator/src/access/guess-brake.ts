import { isSyncError, SyncError } from '@causeway/protocol'

/** Makes guessing at secrets slow for whoever guesses, and for nobody else. */
export interface GuessBrake {
  /**
   * Does what needs a secret. The right one is never held up, whatever else
   * came from its address. After a few wrong ones from an address, the answer
   * to each further one waits; where many wait already, it is
   * `too-many-requests` at once.
   */
  around<T>(address: string, work: () => Promise<T>): Promise<T>
}

export interface GuessBrakeOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

const FREE = 5
const WAIT_MS = 1_000
const MOST_WAITING = 20
const FORGOTTEN_AFTER_MS = 60_000
const MOST_ADDRESSES = 10_000

interface Guesser {
  wrong: number
  waiting: number
  lastAt: number
}

export function createGuessBrake({ now, sleep }: GuessBrakeOptions): GuessBrake {
  const guessers = new Map<string, Guesser>()

  function guesserAt(address: string): Guesser {
    const known = guessers.get(address)
    // Put back at the end: those that have been quiet longest go first.
    guessers.delete(address)
    const isFresh = known !== undefined && (known.waiting > 0 || now() - known.lastAt < FORGOTTEN_AFTER_MS)
    const guesser = isFresh ? known : { wrong: 0, waiting: 0, lastAt: now() }
    guessers.set(address, guesser)
    for (const oldest of guessers.keys()) {
      if (guessers.size <= MOST_ADDRESSES) break
      guessers.delete(oldest)
    }
    return guesser
  }

  return {
    async around(address, work) {
      try {
        return await work()
      } catch (error) {
        if (!isSyncError(error, 'not-signed-in') && !isSyncError(error, 'invite-invalid')) throw error
        const guesser = guesserAt(networkOf(address))
        guesser.wrong++
        guesser.lastAt = now()
        if (guesser.wrong <= FREE) throw error
        if (guesser.waiting >= MOST_WAITING) {
          throw new SyncError('too-many-requests', 'too many wrong secrets from this address: wait a little', {
            cause: error,
          })
        }
        guesser.waiting++
        await sleep(WAIT_MS)
        guesser.waiting--
        throw error
      }
    },
  }
}

/** An IPv6 guesser has a whole /64 to itself. */
export function networkOf(address: string): string {
  return address.includes(':') && !address.startsWith('::ffff:') ? address.split(':', 4).join(':') : address
}
