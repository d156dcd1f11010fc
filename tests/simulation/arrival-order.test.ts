import fc from 'fast-check'
import { ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { arrive, type Arrival, type DiskAct } from './arrival-order.ts'

/*
 * The law of `packages/engine/src/commit/arrival-order.test.ts`, with real sync
 * cycles over disks: what each node sends depends on what it heard, and all
 * nodes end with what the coordinator has.
 */

const pick = fc.nat({ max: 9 })
const name = fc.constantFrom('d', 'e', 'f', 's', 'g')
const text = fc.constantFrom('one', 'two', 'three')
const anyAct: fc.Arbitrary<DiskAct> = fc.oneof(
  fc.record({ kind: fc.constant('write'), path: pick, text }),
  fc.record({ kind: fc.constant('add'), into: pick, name, text: fc.option(text) }),
  fc.record({ kind: fc.constant('chmod'), path: pick, mode: fc.constantFrom(0o700, 0o755, 0o600) }),
  fc.record({ kind: fc.constant('touch'), path: pick }),
  fc.record({ kind: fc.constant('move'), path: pick, into: pick, name }),
  fc.record({ kind: fc.constant('move'), path: pick, into: pick, name }),
  fc.record({ kind: fc.constant('remove'), path: pick }),
  fc.record({ kind: fc.constant('replace'), path: pick }),
)

/** With a lost answer and two rivals, the name a save was sent for may be free again: it is then kept twice. */
const HOW = { two: ['deaf', 'hears', 'lost'], more: ['deaf', 'hears'] } as const

function ways(count: number): readonly Arrival[] {
  const orders =
    count === 2
      ? [
          [0, 1],
          [1, 0],
        ]
      : [
          [0, 1, 2],
          [0, 2, 1],
          [1, 0, 2],
          [1, 2, 0],
          [2, 0, 1],
          [2, 1, 0],
        ]
  return orders.flatMap((order) => HOW[count === 2 ? 'two' : 'more'].map((how) => ({ order, how })))
}

function labelOf({ content }: EntryState): string {
  if (content.kind === 'symlink') return content.target
  const mode = content.mode.toString(8)
  return content.kind === 'file' ? `${content.hash.slice(0, 8)} ${mode}` : `/ ${mode}`
}

/** The tree without its names: which of two rivals has a name may differ. */
function shapeOf(live: readonly EntryState[], parent: EntryId = ROOT_ID): string {
  const children = live.filter((state) => state.parent === parent)
  return `[${children
    .map((child) => labelOf(child) + (child.content.kind === 'directory' ? shapeOf(live, child.id) : ''))
    .sort()
    .join(', ')}]`
}

/** What lives by itself: a directory that was deleted may be needed at the one place, and not at the other. */
function labelsOf(live: readonly EntryState[]): string {
  return live
    .filter(({ reachedBy = [] }) => !reachedBy.some(({ ends }) => ends))
    .map(labelOf)
    .sort()
    .join(', ')
}

async function expectOneOutcome(acts: readonly (readonly DiskAct[])[]): Promise<void> {
  const results = []
  for (const arrival of ways(acts.length)) results.push({ arrival, result: await arrive(acts, arrival) })
  for (const { arrival, result } of results) {
    if (result.differences.length > 0) {
      throw new Error(`${JSON.stringify(arrival)}: ${result.differences.join('; ')}\n${result.trace}`)
    }
  }
  const of = results.some(({ result }) => result.hasRivalPlaces) ? labelsOf : shapeOf
  const found = new Map(
    results.map(({ arrival, result }) => [of(result.live), `${JSON.stringify(arrival)}\n${result.trace}`]),
  )
  expect(found.size === 1 ? 'one outcome' : [...found].join('\n')).toBe('one outcome')
}

const numRuns = (usual: number): { numRuns: number } => ({ numRuns: Number(process.env['ORDER_RUNS'] ?? usual) })

test(
  'one change on each of two disks ends the same, whatever arrives first and whatever is heard',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(anyAct, anyAct, (a, b) => expectOneOutcome([[a], [b]])),
      numRuns(60),
    )
  },
)

test(
  'one change on each of three disks ends the same, whatever arrives first and whatever is heard',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(anyAct, anyAct, anyAct, (a, b, c) => expectOneOutcome([[a], [b], [c]])),
      numRuns(25),
    )
  },
)
