import { createHmac, timingSafeEqual } from 'node:crypto'
import type { NodeId } from '@causeway/protocol'
import { systemRandom, type Random, type Timers } from '@causeway/time'

/**
 * Nonces to sign. They are signed themselves and not remembered, so that
 * asking for them takes no memory and drives out nobody else's.
 */
export interface Challenges {
  make(node: NodeId): string
  /** Whether a nonce was made here for this node, not long ago. */
  isGood(nonce: string, node: NodeId): boolean
  /** Uses a good nonce up. False if it was used before, or if the node has signed in too often lately. */
  use(nonce: string, node: NodeId): boolean
}

const GOOD_FOR_MS = 60_000
/** Sign-ins of one node within that time; what is remembered of each node is bounded by it. */
const MOST_USED = 100
const RANDOM_BYTES = 18
const TIME_BYTES = 8

export function createChallenges(timers: Pick<Timers, 'now'>, random: Pick<Random, 'hex'> = systemRandom): Challenges {
  const key = Buffer.from(random.hex(32), 'hex')
  /** By node: the nonces it has used, and when they are too old anyway. */
  const used = new Map<NodeId, Map<string, number>>()

  function sealOf(head: Buffer, node: NodeId): Buffer {
    return createHmac('sha256', key).update(head).update(node).digest()
  }

  return {
    make(node) {
      const head = Buffer.concat([Buffer.from(random.hex(RANDOM_BYTES), 'hex'), Buffer.alloc(TIME_BYTES)])
      head.writeDoubleBE(timers.now() + GOOD_FOR_MS, RANDOM_BYTES)
      return Buffer.concat([head, sealOf(head, node)]).toString('base64url')
    },
    isGood(nonce, node) {
      const bytes = Buffer.from(nonce, 'base64url')
      const head = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES)
      const seal = bytes.subarray(RANDOM_BYTES + TIME_BYTES)
      const expected = sealOf(head, node)
      if (seal.length !== expected.length || !timingSafeEqual(seal, expected)) return false
      return head.readDoubleBE(RANDOM_BYTES) > timers.now()
    },
    use(nonce, node) {
      const own = used.get(node) ?? new Map<string, number>()
      for (const [old, until] of own) if (until <= timers.now()) own.delete(old)
      // Several texts can stand for the same bytes.
      const name = Buffer.from(nonce, 'base64url').toString('hex')
      if (own.has(name) || own.size >= MOST_USED) return false
      used.set(node, own.set(name, timers.now() + GOOD_FOR_MS))
      return true
    },
  }
}
