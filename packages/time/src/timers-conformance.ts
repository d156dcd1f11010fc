import { describe, expect, test } from 'vitest'
import type { Timers } from './ports.ts'

/** What every `Timers` must do. `pass` lets at least so much of its time go by. */
export function timersConformance(
  name: string,
  open: () => { readonly timers: Timers; pass(milliseconds: number): Promise<void> },
): void {
  describe(`timers: ${name}`, () => {
    test('work runs once, and never before the call that asked for it has returned', async () => {
      const { timers, pass } = open()
      const ran: string[] = []
      timers.after(0, () => ran.push('work'))
      ran.push('asked')
      await pass(5)
      await pass(5)
      expect(ran).toEqual(['asked', 'work'])
    })

    test('what is due first runs first, and of what is due at once what was asked for first', async () => {
      const { timers, pass } = open()
      const ran: string[] = []
      timers.after(40, () => ran.push('late'))
      timers.after(1, () => ran.push('first'))
      timers.after(1, () => ran.push('second'))
      await pass(60)
      expect(ran).toEqual(['first', 'second', 'late'])
    })

    test('what is cancelled does not run, also where it is cancelled late, or twice', async () => {
      const { timers, pass } = open()
      let ran = 0
      const never = timers.after(1, () => (ran += 1))
      never.cancel()
      never.cancel()
      const once = timers.after(1, () => (ran += 1))
      await pass(10)
      once.cancel()
      expect(ran).toBe(1)
    })

    test('what repeats goes on until it is cancelled, from within as well', async () => {
      const { timers, pass } = open()
      let ran = 0
      const repeated = timers.every(1, () => {
        ran += 1
        if (ran === 3) repeated.cancel()
      })
      for (let turn = 0; turn < 10; turn++) await pass(5)
      expect(ran).toBe(3)
    })

    test('work may ask for more', async () => {
      const { timers, pass } = open()
      const ran: string[] = []
      timers
        .after(1, () => {
          ran.push('outer')
          timers.after(1, () => ran.push('inner'))
        })
        .unref()
      for (let turn = 0; turn < 4; turn++) await pass(5)
      expect(ran).toEqual(['outer', 'inner'])
    })

    test('time never goes back, and passes while it is waited for', async () => {
      const { timers, pass } = open()
      const before = timers.now()
      await pass(5)
      const between = timers.now()
      await pass(5)
      expect(between).toBeGreaterThan(before)
      expect(timers.now()).toBeGreaterThan(between)
    })
  })
}
