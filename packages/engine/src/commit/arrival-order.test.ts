import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyAct, mode, name, pick, runs, text } from './test-support/any-act.ts'
import { LINKED_SEED, outcomesByShape, sceneOf, type Scene } from './test-support/arrival-scene.ts'
import type { Act } from './test-support/offline-author.ts'

/*
 * The law: apart from which of two rivals keeps a name or a place, the outcome
 * of concurrent changes is the same for every order in which they arrive.
 */

/** The same, all of it about two names: what is rare elsewhere happens all the time here. */
const near = fc.constantFrom(4, 6)
const rivalAct: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('create'), parent: fc.constant(0), name: fc.constant('g'), text, mode }),
  fc.record({ kind: fc.constant('edit'), entry: near, text }),
  fc.record({ kind: fc.constant('edit'), entry: near, text }),
  fc.record({ kind: fc.constant('chmod'), entry: near, mode }),
  fc.record({ kind: fc.constant('touch'), entry: near, mtimeNs: fc.constantFrom('1', '2') }),
  fc.record({ kind: fc.constant('delete'), entry: near }),
)

/** Any change, with symlinks among what is made. */
const link = fc.record({ kind: fc.constant('create'), parent: pick, name, text, mode, isLink: fc.constant(true) })
const linkAct: fc.Arbitrary<Act> = fc.oneof({ weight: 4, arbitrary: anyAct }, { weight: 1, arbitrary: link })

function expectOneOutcome(scene: Scene): void {
  const found = outcomesByShape(scene)
  const sent = scene.authors.map(({ requests }) => JSON.stringify(requests.flatMap(({ operations }) => operations)))
  expect(found.size === 1 ? 'one outcome' : [...found, ...sent].join('\n')).toBe('one outcome')
}

describe('whatever arrives first, the outcome is the same', { timeout: 600_000 }, () => {
  test('of one change on each of two nodes', () => {
    fc.assert(
      fc.property(anyAct, anyAct, (a, b) => expectOneOutcome(sceneOf([[a], [b]]))),
      runs(400),
    )
  })

  test('of one change on each of three nodes', () => {
    fc.assert(
      fc.property(anyAct, anyAct, anyAct, (a, b, c) => expectOneOutcome(sceneOf([[a], [b], [c]]))),
      runs(400),
    )
  })

  test('of one change on each of three nodes, where files are symlinks', () => {
    fc.assert(
      fc.property(linkAct, linkAct, linkAct, (a, b, c) => {
        expectOneOutcome(sceneOf([[a], [b], [c]], false, LINKED_SEED))
      }),
      runs(150),
    )
  })

  test('of up to three changes on each of two nodes, where files are symlinks', () => {
    const acts = fc.array(linkAct, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(acts, acts, (a, b) => expectOneOutcome(sceneOf([a, b], true, LINKED_SEED))),
      runs(150),
    )
  })

  test('of three that create one file, two of them with the same bytes', () => {
    const of = (text: string): readonly Act[] => [{ kind: 'create', parent: 0, name: 'g', text, mode: 0o644 }]
    expectOneOutcome(sceneOf([of('one'), of('two'), of('one')]))
  })

  test('of two moves onto one name, and one from that file into the directory', () => {
    expectOneOutcome(
      sceneOf([
        [{ kind: 'move', entry: 3, parent: 0, name: 'g' }],
        [{ kind: 'move', entry: 5, parent: 0, name: 'g' }],
        [{ kind: 'move', entry: 3, parent: 3, name: 'd' }],
      ]),
    )
  })

  test('of a directory that is moved out of one that is deleted then, into what another node has moved into it', () => {
    expectOneOutcome(
      sceneOf([
        [{ kind: 'move', entry: 5, parent: 2, name: 'd' }],
        [
          { kind: 'move', entry: 1, parent: 3, name: 'd' },
          { kind: 'delete', entry: 0 },
        ],
      ]),
    )
  })

  test('of the same, where what was moved is deleted as well', () => {
    expectOneOutcome(
      sceneOf([
        [{ kind: 'move', entry: 5, parent: 2, name: 'd' }],
        [
          { kind: 'move', entry: 1, parent: 3, name: 'd' },
          { kind: 'delete', entry: 1 },
        ],
      ]),
    )
  })

  const f = 4
  const edit = (words: string): Act => ({ kind: 'edit', entry: f, text: words })
  const chmod: Act = { kind: 'chmod', entry: f, mode: 0o755 }
  const create = (words: string): Act => ({ kind: 'create', parent: 0, name: 'g', text: words, mode: 0o644 })
  const created = 6

  test.each<[string, readonly (readonly Act[])[]]>([
    [
      'a touch and then an edit, and an edit and then a delete elsewhere',
      [
        [{ kind: 'touch', entry: f, mtimeNs: '1' }, edit('one')],
        [edit('two'), { kind: 'delete', entry: f }],
      ],
    ],
    [
      'a chmod, an edit, and another edit that is deleted',
      [[chmod], [edit('one')], [edit('two'), { kind: 'delete', entry: f }]],
    ],
    ['bytes that one node overwrites while another saves them', [[edit('one'), edit('two')], [edit('one')]]],
    ['bytes that become those of a rival by another edit', [[edit('one'), edit('two')], [edit('two')]]],
    [
      'the same, and a touch of them',
      [[edit('one'), edit('two'), { kind: 'touch', entry: f, mtimeNs: '2' }], [edit('two')]],
    ],
    [
      'the same, and a chmod by the rival',
      [
        [edit('one'), edit('two')],
        [edit('two'), chmod],
      ],
    ],
    [
      'the same bytes of two, both of whom delete them',
      [
        [edit('one'), { kind: 'delete', entry: f }],
        [edit('one'), { kind: 'delete', entry: f }],
      ],
    ],
    [
      'a version that is deleted and the same bytes elsewhere, beside a rival',
      [[edit('one')], [edit('two'), { kind: 'delete', entry: f }], [edit('two'), { kind: 'delete', entry: f }]],
    ],
    [
      'a new file whose bytes its node overwrites while another creates the same',
      [[create('one'), { kind: 'edit', entry: created, text: 'two' }], [create('one')]],
    ],
    [
      'a new file whose bytes become those of a rival',
      [[create('one'), { kind: 'edit', entry: created, text: 'two' }], [create('two')]],
    ],
    [
      'the mode of a file that two created, as a third change',
      [
        [create('one'), { kind: 'chmod', entry: created, mode: 0o600 }],
        [edit('old x'), create('one')],
      ],
    ],
    [
      'a touch of what was deleted, beside a rival that holds the same bytes by then',
      [
        [edit('one'), { kind: 'delete', entry: f }],
        [{ kind: 'touch', entry: f, mtimeNs: '1' }],
        [edit('old x'), edit('one')],
      ],
    ],
    [
      'two modes, and a touch elsewhere',
      [
        [edit('one'), chmod],
        [edit('old x'), { kind: 'chmod', entry: f, mode: 0o700 }],
        [{ kind: 'touch', entry: f, mtimeNs: '1' }],
      ],
    ],
    [
      'the mode of a conflict copy, by a node that has done much before',
      [
        [...Array.from({ length: 8 }, (): Act => ({ kind: 'edit', entry: 2, text: 'three' })), edit('one')],
        [edit('two')],
        [chmod],
      ],
    ],
  ])('of %s', (_what, acts) => {
    expectOneOutcome(sceneOf(acts))
  })

  test('of up to three changes to the same two names on each of two nodes', () => {
    const acts = fc.array(rivalAct, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(acts, acts, (a, b) => expectOneOutcome(sceneOf([a, b], true))),
      runs(250),
    )
  })

  test('of up to two changes to the same two names on each of three nodes', () => {
    const acts = fc.array(rivalAct, { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(acts, acts, acts, (a, b, c) => expectOneOutcome(sceneOf([a, b, c], true))),
      runs(100),
    )
  })

  test('of up to three changes on each of two nodes', () => {
    const acts = fc.array(anyAct, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(acts, acts, (a, b) => expectOneOutcome(sceneOf([a, b], true))),
      runs(250),
    )
  })

  test('of up to two changes on each of three nodes', () => {
    const acts = fc.array(anyAct, { minLength: 1, maxLength: 2 })
    fc.assert(
      fc.property(acts, acts, acts, (a, b, c) => expectOneOutcome(sceneOf([a, b, c], true))),
      {
        ...runs(150),
        examples: [
          // A directory that is made anew, and the old one's mode.
          [
            [
              { kind: 'delete', entry: 5 },
              { kind: 'create', parent: 0, name: 'e', text: null, mode: 0o755 },
            ],
            [{ kind: 'edit', entry: 0, text: 'one' }],
            [{ kind: 'chmod', entry: 11, mode: 0o644 }],
          ],
          // A directory that is made anew, while something is moved into the old one.
          [
            [
              { kind: 'delete', entry: 5 },
              { kind: 'create', parent: 0, name: 'e', text: null, mode: 0o600 },
            ],
            [{ kind: 'move', entry: 0, parent: 3, name: 'd' }],
            [{ kind: 'edit', entry: 4, text: 'one' }],
          ],
          // A save on top of one that is a conflict copy by now, and whose mode the rival's node has set.
          [
            [{ kind: 'move', entry: 0, parent: 0, name: 'd' }],
            [
              { kind: 'edit', entry: 2, text: 'one' },
              { kind: 'chmod', entry: 2, mode: 0o755 },
            ],
            [
              { kind: 'edit', entry: 2, text: 'one' },
              { kind: 'edit', entry: 2, text: 'one' },
            ],
          ],
          // A move of a file out of what a third node deletes, after a save of its own that is a conflict copy by now.
          [
            [{ kind: 'edit', entry: 2, text: 'one' }],
            [{ kind: 'move', entry: 2, parent: 1, name: 'd' }],
            [
              { kind: 'edit', entry: 2, text: 'one' },
              { kind: 'delete', entry: 0 },
            ],
          ],
          // A touch of a save that became a conflict copy, where its rival was deleted.
          [
            [
              { kind: 'edit', entry: 8, text: 'one' },
              { kind: 'touch', entry: 2, mtimeNs: '1' },
            ],
            [{ kind: 'edit', entry: 0, text: 'one' }],
            [
              { kind: 'edit', entry: 8, text: 'one' },
              { kind: 'delete', entry: 0 },
            ],
          ],
        ],
      },
    )
  })
})
