import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  OPEN_GATE,
  passRemoval,
  pauseWhileRemoving,
  refuseRemoval,
  type Removal,
  type RemovalGate,
  type RemovalVerdict,
} from './removal-gate.ts'

const BRAKE = { share: 0.5, min: 20 }

function gone(removal: Partial<Omit<Removal, 'count'>> & { readonly removed: number }): Removal {
  const { removed, ...given } = removal
  return { files: removed, directories: 0, live: 1000, appeared: 0, lay: ['docs'], count: () => removed, ...given }
}

/** What a gate says of one removal after the other, each so long after the last. */
function verdicts(
  steps: readonly { readonly afterMs: number; readonly removal: Removal; readonly eventAgoMs?: number | undefined }[],
) {
  let gate: RemovalGate = OPEN_GATE
  let now = 1000
  return steps.map(({ afterMs, removal, eventAgoMs }): RemovalVerdict => {
    now += afterMs
    const lastEvent = eventAgoMs === undefined ? null : now - eventAgoMs
    const [next, verdict] = passRemoval(gate, removal, { now, lastEvent, brake: BRAKE })
    gate = next
    return verdict
  })
}

describe('a few files that are gone', () => {
  test('go once as much was gone for 50 ms', () => {
    const removal = gone({ removed: 3 })
    expect(
      verdicts([
        { afterMs: 0, removal },
        { afterMs: 20, removal },
        { afterMs: 30, removal },
      ]),
    ).toEqual([{ kind: 'wait', ms: 50 }, { kind: 'wait', ms: 30 }, { kind: 'send' }])
  })

  test('wait anew when more is gone', () => {
    expect(
      verdicts([
        { afterMs: 0, removal: gone({ removed: 3 }) },
        { afterMs: 49, removal: gone({ removed: 4 }) },
      ]).at(-1),
    ).toEqual({ kind: 'wait', ms: 50 })
  })
})

test('many files wait for 250 ms, a tree that is gone as a whole for 50', () => {
  const files = gone({ removed: 40 })
  expect(verdicts([{ afterMs: 0, removal: files }])).toEqual([{ kind: 'wait', ms: 250 }])
  const tree = gone({ removed: 40, files: 0, directories: 1 })
  expect(verdicts([{ afterMs: 0, removal: tree }])).toEqual([{ kind: 'wait', ms: 50 }])
})

describe('while events go on', () => {
  const tree = { removed: 40, files: 0, directories: 1 }

  test('a tree is not counted', () => {
    const removal: Removal = {
      ...gone(tree),
      count: () => {
        throw new Error('counted')
      },
    }
    expect(verdicts([{ afterMs: 0, removal, eventAgoMs: 20 }])).toEqual([{ kind: 'wait', ms: 30 }])
  })

  test('it waits for them for a second at most', () => {
    const removal = gone(tree)
    expect(
      verdicts([
        { afterMs: 0, removal, eventAgoMs: 0 },
        { afterMs: 999, removal, eventAgoMs: 0 },
        { afterMs: 1, removal, eventAgoMs: 0 },
        { afterMs: 50, removal, eventAgoMs: 0 },
      ]),
    ).toEqual([{ kind: 'wait', ms: 50 }, { kind: 'wait', ms: 50 }, { kind: 'wait', ms: 50 }, { kind: 'send' }])
  })
})

test('what looks like an accident waits for a person, however long that takes', () => {
  const removal = gone({ removed: 600 })
  const all = verdicts([
    { afterMs: 0, removal },
    { afterMs: 60_000, removal },
  ])
  expect(all.map(({ kind }) => kind)).toEqual(['halt', 'halt'])
  const emptied = gone({ removed: 6, live: 6 })
  expect(verdicts([{ afterMs: 0, removal: emptied }])).toMatchObject([{ kind: 'halt', reason: /now empty/ }])
  const replaced = gone({ removed: 6, live: 6, appeared: 6 })
  expect(verdicts([{ afterMs: 0, removal: replaced }])).toMatchObject([{ kind: 'wait' }])
})

test('what is held back stays in sight, and no longer than that', () => {
  const moment = { now: 1000, lastEvent: null, brake: BRAKE }
  const [waiting] = passRemoval(OPEN_GATE, gone({ removed: 2 }), moment)
  expect(waiting.held).toEqual(['docs'])
  const [through] = passRemoval(waiting, gone({ removed: 2 }), { ...moment, now: 1050 })
  expect(through.held).toEqual([])
  expect(refuseRemoval(through, ['docs'], 'too many at once')).toMatchObject({
    held: ['docs'],
    refusal: 'too many at once',
  })
})

describe('whatever is removed, whenever', () => {
  const steps = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 400 }),
      files: fc.integer({ min: 0, max: 40 }),
      directories: fc.integer({ min: 0, max: 2 }),
      below: fc.integer({ min: 0, max: 30 }),
      eventAgoMs: fc.option(fc.integer({ min: 0, max: 100 }), { nil: undefined }),
    }),
    { minLength: 1, maxLength: 12 },
  )

  const asRemoval = ({ files, directories, below }: { files: number; directories: number; below: number }): Removal => {
    const removed = Math.max(1, files + directories + (directories > 0 ? below : 0))
    return { files, directories, live: 100, appeared: 0, lay: ['docs'], count: () => removed }
  }

  test('nothing is sent that a brake holds, and nothing before as much was gone at two looks 50 ms apart', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const told = verdicts(all.map((step) => ({ ...step, removal: asRemoval(step) })))
        const at = all.map((_, index) => all.slice(0, index + 1).reduce((sum, { afterMs }) => sum + afterMs, 0))
        told.forEach((verdict, index) => {
          const step = all[index]
          if (verdict.kind !== 'send' || step === undefined) return
          const removed = asRemoval(step).count()
          expect(removed > 50).toBe(false)
          const isConfirmed = all.some((other, before) => {
            return before < index && (at[index] ?? 0) - (at[before] ?? 0) >= 50 && asRemoval(other).count() === removed
          })
          expect(isConfirmed).toBe(true)
        })
      }),
    )
  })

  test('a removal that is over, and that no brake holds, is sent within 1,250 ms of events', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 40 }), (before, files) => {
        const removal = asRemoval({ files, directories: files === 0 ? 1 : 0, below: 10 })
        const looks = Array.from({ length: 26 }, () => ({ afterMs: 50, removal, eventAgoMs: 0 }))
        const earlier = before.map((step) => ({ ...step, removal: asRemoval(step) }))
        const last = verdicts([...earlier, ...looks]).slice(earlier.length)
        expect(last.some(({ kind }) => kind === 'send')).toBe(true)
      }),
    )
  })

  test('no wait is longer than 250 ms', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const told = verdicts(all.map((step) => ({ ...step, removal: asRemoval(step) })))
        expect(told.filter((verdict) => verdict.kind === 'wait' && verdict.ms > 250)).toEqual([])
      }),
    )
  })
})

test('what is being removed is let be for as long as it waits, and longer where looks take long', () => {
  expect(pauseWhileRemoving(50, 3)).toBe(50)
  expect(pauseWhileRemoving(50, 100)).toBe(200)
  expect(pauseWhileRemoving(50, 60_000)).toBe(500)
  expect(pauseWhileRemoving(250, 10)).toBe(250)
})
