import fc from 'fast-check'
import { expect, test } from 'vitest'
import { awaits, BEHIND, catchUp, hinted, sent } from './follow.ts'

test('a hint starts one read behind the position that was sent last', () => {
  const { next, read } = hinted<number>({ kind: 'live', at: 7 })
  expect([next, read]).toEqual([{ kind: 'catchup', at: 7, again: false }, true])
  expect(hinted(next)).toEqual({ next: { kind: 'catchup', at: 7, again: true }, read: false })
})

test('a reader that was told to ask is sent nothing for a hint', () => {
  expect(hinted<number>(BEHIND)).toEqual({ next: BEHIND, read: false })
})

test('what a read found is not for a reader that has asked anew meanwhile', () => {
  const [one, other] = [{ seq: 1 }, { seq: 1 }]
  expect(awaits(catchUp(one), one)).toBe(true)
  expect(awaits(hinted(catchUp(one)).next, one)).toBe(true)
  expect([awaits(catchUp(other), one), awaits(BEHIND, one), awaits(undefined, one)]).toEqual([false, false, false])
})

test('whatever becomes of hints, a reader that hears one last is sent every position once and in order', () => {
  /** The log grows, a hint comes, or a read that is under way ends. */
  const step = fc.constantFrom('grow' as const, 'hint' as const, 'read' as const)
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let head = 0
      let following = sent<number>(BEHIND, 0).next
      let found: number | null = null
      const told: number[] = []

      function hint(): void {
        const { next, read } = hinted(following)
        following = next
        if (read) found = head
      }

      function endRead(): void {
        if (found === null || following.kind !== 'catchup') return
        for (let seq = following.at + 1; seq <= found; seq++) told.push(seq)
        const { next, again } = sent(following, found)
        following = next
        found = null
        if (again) hint()
      }

      for (const one of steps) {
        if (one === 'grow') head++
        else if (one === 'hint') hint()
        else endRead()
      }
      hint()
      while (following.kind === 'catchup') endRead()
      expect(told).toEqual(Array.from({ length: head }, (_, index) => index + 1))
    }),
  )
})
