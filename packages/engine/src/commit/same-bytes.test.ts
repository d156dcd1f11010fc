import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyAct, runs, text } from './test-support/any-act.ts'
import { outcomesByShape, outcomesByTexts, sceneOf, type Scene } from './test-support/arrival-scene.ts'
import type { Act } from './test-support/offline-author.ts'

/*
 * Where several nodes make files of the same bytes, how often these are kept
 * afterwards depends on what arrives first, and so may a mode. Which bytes live does not.
 */

const [f, created] = [4, 6]
const near = fc.constantFrom(f, created)
const rivalAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant('create'),
    parent: fc.constant(0),
    name: fc.constant('g'),
    text,
    mode: fc.constantFrom(0o755, 0o644),
  }),
  fc.record({ kind: fc.constant('edit'), entry: near, text }),
  fc.record({ kind: fc.constant('move'), entry: near, parent: fc.nat({ max: 1 }), name: fc.constantFrom('g', 'h') }),
  fc.record({ kind: fc.constant('delete'), entry: near }),
)

function expectTheSameBytes(scene: Scene): void {
  const found = outcomesByTexts(scene)
  const sent = scene.authors.map(({ requests }) => JSON.stringify(requests.flatMap(({ operations }) => operations)))
  expect(found.size === 1 ? 'the same bytes' : [...found, ...sent].join('\n')).toBe('the same bytes')
}

describe('whatever arrives first, the same bytes live', { timeout: 600_000 }, () => {
  test.each([
    ['any changes', anyAct],
    ['changes to the same two names', rivalAct],
  ])('after %s on two nodes', (_what, act) => {
    const acts = fc.array(act, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(acts, acts, (a, b) => expectTheSameBytes(sceneOf([a, b]))),
      runs(200),
    )
  })

  test.each([
    ['any changes', anyAct],
    ['changes to the same two names', rivalAct],
  ])('after %s on three nodes', (_what, act) => {
    const acts = fc.array(act, { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(acts, acts, acts, (a, b, c) => expectTheSameBytes(sceneOf([a, b, c]))),
      runs(80),
    )
  })
})

describe('what arrives first says', () => {
  const create = (words: string): Act => ({ kind: 'create', parent: 0, name: 'g', text: words, mode: 0o644 })
  const rename: Act = { kind: 'move', entry: created, parent: 0, name: 'h' }
  const remove: Act = { kind: 'delete', entry: created }

  test.each<[string, readonly (readonly Act[])[], readonly (readonly string[])[]]>([
    [
      'whether a file that two created is renamed by one of them for both',
      [[create('one'), rename], [create('one')]],
      [['one 644'], ['one 644', 'one 644']],
    ],
    [
      'which mode the other’s has, where one of two that created a file sets it and then edits',
      [
        [create('one'), { kind: 'chmod', entry: created, mode: 0o755 }, { kind: 'edit', entry: created, text: 'two' }],
        [create('one')],
      ],
      [
        ['one 644', 'two 755'],
        ['one 755', 'two 755'],
      ],
    ],
    [
      'whether two become one beside a rival that was deleted',
      [[create('one'), remove], [create('two')], [create('two')]],
      [['two 644'], ['two 644', 'two 644']],
    ],
    [
      'whether two become one beside a rival that was renamed',
      [[create('one'), rename], [create('two')], [create('two')]],
      [
        ['one 644', 'two 644'],
        ['one 644', 'two 644', 'two 644'],
      ],
    ],
  ])('%s', (_what, acts, expected) => {
    const shapes = [...outcomesByShape(sceneOf(acts)).keys()]
    const found = shapes.map((shape) => [...shape.matchAll(/(?:one|two) \d+/g)].map(([label]) => label))
    expect(new Set(found)).toEqual(new Set(expected))
  })
})
