import { hash } from 'node:crypto'
import { SyncError } from '@causeway/protocol'
import { signInNameOf, type Attempts, type MetadataWriter } from '@causeway/store'
import { networkOf } from '../access/guess-brake.ts'
import type { Context } from '../ports/context.ts'

/**
 * Makes guessing at passwords hopeless, at however many coordinators of a
 * store and from however many connections. An attempt is counted before the
 * password is looked at, so that a thousand at once are a thousand attempts.
 */
export interface LoginBrake {
  /**
   * Lets an attempt pass, counted as if it were wrong, or throws
   * `too-many-requests` with how long to wait. `isLast` is true for the
   * attempt after which others have to wait.
   */
  admit(who: Attempt): Promise<{ readonly isLast: boolean }>
  /** It was right: what counted against it is forgotten. */
  forgive(tx: MetadataWriter, who: Attempt): Promise<void>
}

export interface Attempt {
  readonly name: string
  readonly address: string
}

/** How many attempts are free, and how long one waits at most from then on. */
interface Allowance {
  readonly free: number
  readonly mostWaitMs: number
}

/**
 * Strict for one name from one network; looser for a network, which many people
 * may share; loosest for a name, as anybody could otherwise keep its owner out.
 */
const ALLOWANCES = {
  pair: { free: 5, mostWaitMs: 15 * 60_000 },
  network: { free: 30, mostWaitMs: 15 * 60_000 },
  name: { free: 60, mostWaitMs: 30_000 },
} as const satisfies Record<string, Allowance>

type Kind = keyof typeof ALLOWANCES
const KINDS: readonly Kind[] = ['pair', 'network', 'name']

const FORGOTTEN_AFTER_MS = 60 * 60_000

export function createLoginBrake({ metadata, clock }: Pick<Context, 'metadata' | 'clock'>): LoginBrake {
  return {
    async admit(who) {
      const now = clock.now()
      const at = new Date(now).toISOString()
      const before = new Date(now - FORGOTTEN_AFTER_MS).toISOString()
      const { waitMs, isLast } = await metadata.write(async (tx) => {
        const known = []
        const keys = keysOf(who)
        for (const kind of KINDS) {
          const key = keys[kind]
          known.push({ key, allowance: ALLOWANCES[kind], of: await tx.signIns.attempts(key) })
        }
        const waitMs = Math.max(...known.map(({ of, allowance }) => waitOf(of, allowance, now)))
        // Whoever is refused is not counted: they would never be let in again.
        if (waitMs > 0) return { waitMs, isLast: false }
        const counts = []
        for (const { key, allowance } of known) {
          const { count } = await tx.signIns.addAttempt(key, at, before)
          counts.push(count === allowance.free)
        }
        return { waitMs, isLast: counts.includes(true) }
      })
      if (waitMs > 0) {
        const seconds = Math.ceil(waitMs / 1000)
        throw new SyncError(
          'too-many-requests',
          `too many attempts to sign in: try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}`,
        )
      }
      return { isLast }
    },
    async forgive(tx, who) {
      const { pair, network, name } = keysOf(who)
      await tx.signIns.forgetAttempts(pair)
      await tx.signIns.forgetAttempts(name)
      // Else whoever has one account could guess at the others for ever, between sign-ins of their own.
      await tx.signIns.takeBackAttempt(network)
    },
  }
}

/** How long to wait before the next attempt: doubled with each one beyond those that are free. */
export function waitOf({ count, lastAt }: Attempts, { free, mostWaitMs }: Allowance, now: number): number {
  if (lastAt === null || count < free) return 0
  const gone = now - Date.parse(lastAt)
  if (gone >= FORGOTTEN_AFTER_MS) return 0
  const waitMs = Math.min(mostWaitMs, 1000 * 2 ** Math.min(count - free, 30))
  // A clock that was set back must not keep anybody out for long.
  return Math.min(mostWaitMs, Math.max(0, waitMs - gone))
}

/** Names are hashed: what strangers type into the field may be a password. */
function keysOf({ name, address }: Attempt): Record<Kind, string> {
  const network = networkOf(address)
  const named = hash('sha256', signInNameOf(name)).slice(0, 32)
  return { pair: `pair ${named} ${network}`, network: `network ${network}`, name: `name ${named}` }
}
