import { afterEach, beforeEach, expect, test } from 'vitest'
import { SyncError } from '@causeway/protocol'
import type { Verdict } from '../cycle/pull/prove-idle.ts'
import { createIdleProof, PROOF_PACE, type IdleProof } from './idle-proof.ts'
import { virtualClock } from './test-support/virtual-clock.ts'

const EQUAL: Verdict = { kind: 'equal', what: 'this' }

let clock: ReturnType<typeof virtualClock>
let proof: IdleProof
let isAtRest: boolean
/** What was known to be equal at each attempt. */
let attempts: (string | null)[]
/** What comes of the attempts, one after the other; the last one again and again. */
let verdicts: (Verdict | SyncError)[]
let told: string[]

beforeEach(() => {
  clock = virtualClock()
  isAtRest = true
  attempts = []
  verdicts = [EQUAL]
  told = []
  proof = createIdleProof({
    async prove(shown) {
      attempts.push(shown)
      const verdict = (verdicts.length > 1 ? verdicts.shift() : verdicts[0]) ?? EQUAL
      if (verdict instanceof SyncError) throw verdict
      return verdict
    },
    isAtRest: () => isAtRest,
    onDoubt: () => void told.push('doubt'),
    onProof: () => void told.push('proof'),
    sleep: clock.sleep,
    now: clock.now,
    pace: PROOF_PACE,
  })
  proof.start()
})
afterEach(() => proof.stop())

test('soon after a cycle the folder is compared, and after that no more often than the gap says', async () => {
  expect(proof.provedAt).toBeNull()
  proof.rested()
  await clock.advance(PROOF_PACE.restMs)
  expect(attempts).toEqual([null])
  expect(proof.provedAt).toBe(new Date(clock.now()).toISOString())
  for (let second = 0; second < 90; second++) {
    proof.rested()
    await clock.advance(1000)
  }
  expect(attempts).toEqual([null, 'this', 'this'])
})

test('what a cycle has done wrongly is found within a minute of rest, though all was equal just before', async () => {
  proof.rested()
  await clock.advance(PROOF_PACE.restMs)
  expect(told).toEqual(['proof'])
  verdicts = [{ kind: 'differs' }]
  proof.rested()
  await clock.advance(60_000)
  expect(told).toContain('doubt')
})

test('where nothing happens it is shown anew once in a long while', async () => {
  proof.rested()
  await clock.advance(PROOF_PACE.repeatMs)
  expect(attempts).toEqual([null])
  const before = proof.provedAt
  await clock.advance(PROOF_PACE.gapMs + 2 * PROOF_PACE.restMs)
  expect(attempts).toEqual([null, null])
  expect(proof.provedAt).not.toBe(before)
})

test('while something is under way nothing is compared; the end of the next cycle leads to it', async () => {
  isAtRest = false
  proof.rested()
  await clock.advance(60_000)
  expect(attempts).toEqual([])
  isAtRest = true
  proof.rested()
  await clock.advance(PROOF_PACE.restMs)
  expect(attempts).toHaveLength(1)
})

test('a difference is told, and compared again by itself, less and less often while it lasts', async () => {
  verdicts = [{ kind: 'differs' }]
  proof.rested()
  await clock.advance(60_000)
  const inTheFirstMinute = attempts.length
  await clock.advance(10 * 60_000)
  expect(inTheFirstMinute).toBeGreaterThan(2)
  expect(attempts.length).toBeLessThan(inTheFirstMinute + 8)
  expect(told).toEqual(attempts.map(() => 'doubt'))
  expect(proof.provedAt).toBeNull()
  verdicts = [EQUAL]
  await clock.advance(20 * 60_000)
  expect(told.at(-1)).toBe('proof')
})

test('where it can’t be compared now it is tried again without another cycle, and said why', async () => {
  verdicts = [{ kind: 'not-now' }, new SyncError('internal', 'the coordinator choked on it'), EQUAL]
  proof.rested()
  await clock.advance(PROOF_PACE.restMs)
  expect(proof.failure).toBeNull()
  await clock.advance(2 * PROOF_PACE.restMs)
  expect(proof.failure).toBe('the coordinator choked on it')
  await clock.advance(60_000)
  expect([attempts.length, proof.failure, told]).toEqual([3, null, ['proof']])
})
