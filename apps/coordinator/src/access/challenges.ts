import { createHmac, timingSafeEqual } from 'node:crypto'
import type { NodeId } from '@causeway/protocol'
import type { MetadataStore, MetadataWriter } from '@causeway/store'
import { systemRandom, type Clock, type Random } from '@causeway/time'

/**
 * Nonces to sign. They are signed themselves and not remembered, so that
 * asking for them takes no memory and drives out nobody else's. What one
 * coordinator made is good at every other that has the same key.
 */
export interface Challenges {
  make(node: NodeId): string
  /** Whether a nonce was made with this key for this node, not long ago. */
  isGood(nonce: string, node: NodeId): boolean
  /** Counts a sign-in. False if the node has signed in too often lately: what is remembered of used nonces is bounded by it. */
  admit(node: NodeId): boolean
  /** Uses a good nonce up. False if it was used before, at whatever coordinator. */
  use(tx: MetadataWriter, nonce: string): Promise<boolean>
}

const GOOD_FOR_MS = 60_000
/** How far the clocks of two coordinators may be apart. */
const MOST_SKEW_MS = 60_000
/** Sign-ins of one node here within that time. */
const MOST_USED = 100
const RANDOM_BYTES = 18
const TIME_BYTES = 8

export interface ChallengeOptions {
  /** Hexadecimal; see `openChallengeKey`. */
  readonly key?: string
  readonly random?: Pick<Random, 'hex'>
}

export function createChallenges(
  clock: Pick<Clock, 'now'>,
  { random = systemRandom, key = random.hex(32) }: ChallengeOptions = {},
): Challenges {
  const keyBytes = Buffer.from(key, 'hex')
  /** By node: until when each of its latest sign-ins counts. */
  const lately = new Map<NodeId, number[]>()

  function sealOf(head: Buffer, node: NodeId): Buffer {
    return createHmac('sha256', keyBytes).update(head).update(node).digest()
  }

  return {
    make(node) {
      const head = Buffer.concat([Buffer.from(random.hex(RANDOM_BYTES), 'hex'), Buffer.alloc(TIME_BYTES)])
      head.writeDoubleBE(clock.now() + GOOD_FOR_MS, RANDOM_BYTES)
      return Buffer.concat([head, sealOf(head, node)]).toString('base64url')
    },
    isGood(nonce, node) {
      const bytes = Buffer.from(nonce, 'base64url')
      const head = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES)
      const seal = bytes.subarray(RANDOM_BYTES + TIME_BYTES)
      const expected = sealOf(head, node)
      if (seal.length !== expected.length || !timingSafeEqual(seal, expected)) return false
      const left = head.readDoubleBE(RANDOM_BYTES) - clock.now()
      return left > 0 && left <= GOOD_FOR_MS + MOST_SKEW_MS
    },
    admit(node) {
      const now = clock.now()
      const own = (lately.get(node) ?? []).filter((until) => until > now)
      if (own.length >= MOST_USED) return false
      lately.set(node, [...own, now + GOOD_FOR_MS])
      return true
    },
    async use(tx, nonce) {
      const now = clock.now()
      // Several texts can stand for the same bytes.
      const name = Buffer.from(nonce, 'base64url').toString('hex')
      const until = new Date(now + GOOD_FOR_MS + MOST_SKEW_MS).toISOString()
      return tx.signIns.useOnce(`nonce ${name}`, until, new Date(now).toISOString())
    },
  }
}

const SETTING = 'challenge-key'

/** The key that all coordinators of a store sign challenges with; the first of them makes it. */
export async function openChallengeKey(metadata: MetadataStore): Promise<string> {
  const known = await metadata.read((tx) => tx.setting(SETTING))
  if (known !== undefined) return known
  return metadata.write(async (tx) => {
    const key = (await tx.setting(SETTING)) ?? systemRandom.hex(32)
    await tx.putSetting(SETTING, key)
    return key
  })
}
