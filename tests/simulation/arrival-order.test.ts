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
  fc.record({ kind: fc.constant('link'), into: pick, name: fc.constantFrom('link', 'f', 'g'), text }),
  fc.record({ kind: fc.constant('chmod'), path: pick, mode: fc.constantFrom(0o700, 0o755, 0o600) }),
  fc.record({ kind: fc.constant('touch'), path: pick }),
  fc.record({ kind: fc.constant('move'), path: pick, into: pick, name }),
  fc.record({ kind: fc.constant('move'), path: pick, into: pick, name }),
  fc.record({ kind: fc.constant('remove'), path: pick }),
  fc.record({ kind: fc.constant('replace'), path: pick, text }),
)

type How = Arrival['how']

function ways(count: number, hows: readonly How[]): readonly Arrival[] {
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
  return orders.flatMap((order) => hows.map((how) => ({ order, how })))
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

async function expectOneOutcome(acts: readonly (readonly DiskAct[])[], hows: readonly How[]): Promise<void> {
  const results = []
  for (const arrival of ways(acts.length, hows)) results.push({ arrival, result: await arrive(acts, arrival) })
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

/** The usual run is the same one each time; one that looks for more (`ORDER_RUNS`) takes another way each time. */
function runs(usual: number): { numRuns: number; seed?: number } {
  const wanted = process.env['ORDER_RUNS']
  return wanted === undefined ? { numRuns: usual, seed: 8 } : { numRuns: Number(wanted) }
}

test(
  'one change on each of two disks ends the same, whatever arrives first and whatever is heard',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(anyAct, anyAct, (a, b) => expectOneOutcome([[a], [b]], ['deaf', 'hears', 'lost'])),
      {
        ...runs(60),
        examples: [
          [
            { kind: 'remove', path: 2 },
            { kind: 'replace', path: 0, text: 'one' },
          ],
          [
            { kind: 'replace', path: 1, text: 'one' },
            { kind: 'replace', path: 1, text: 'two' },
          ],
          [
            { kind: 'add', into: 1, name: 'd', text: null },
            { kind: 'move', path: 1, into: 6, name: 'd' },
          ],
        ],
      },
    )
  },
)

/** The same changes, each node with words of its own. */
function inOwnWords(acts: readonly DiskAct[]): readonly DiskAct[] {
  return acts.map((act, node) =>
    'text' in act && act.text !== null ? { ...act, text: `${act.text} of ${node}` } : act,
  )
}

/*
 * With a lost answer and two rivals, the name a save was sent for may be free
 * again: it is then kept twice. So are equal bytes of two nodes where a third
 * holds the name, and the second has heard of the first's copy before it sends.
 */
test(
  'one change on each of three disks ends the same, whatever arrives first and whatever is heard',
  { timeout: 600_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.tuple(anyAct, anyAct, anyAct), fc.boolean(), (acts, own) =>
        expectOneOutcome(
          (own ? inOwnWords(acts) : acts).map((act) => [act]),
          own ? ['deaf', 'hears'] : ['deaf'],
        ),
      ),
      {
        ...runs(40),
        examples: [
          [
            [
              { kind: 'remove', path: 0 },
              { kind: 'move', path: 0, into: 0, name: 'g' },
              { kind: 'remove', path: 3 },
            ],
            true,
          ],
        ],
      },
    )
  },
)
