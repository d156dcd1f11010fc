import fc from 'fast-check'
import { MemoryFolder } from '@causeway/testkit'
import { NodeIdSchema, ROOT_ID, entryIdOf, type EntryId, type EntryState } from '@causeway/protocol'
import { describe, expect, test } from 'vitest'
import { compare, includes, merge } from '../version-vector.ts'
import { decideCommit } from './decide-commit.ts'
import type { CommitDecision } from './decision.ts'
import { NO_ROWS } from './folder-snapshot.ts'
import { Author } from './test-support/author.ts'

type Step =
  | { readonly kind: 'see'; readonly author: number }
  | {
      readonly kind: 'create'
      readonly author: number
      readonly parent: number
      readonly name: string
      readonly text: string | null
    }
  | { readonly kind: 'edit'; readonly author: number; readonly entry: number; readonly text: string }
  | {
      readonly kind: 'move'
      readonly author: number
      readonly entry: number
      readonly parent: number
      readonly name: string
    }
  | { readonly kind: 'delete'; readonly author: number; readonly entry: number; readonly subtree: boolean }

const author = fc.nat({ max: 2 })
const name = fc.constantFrom('a', 'b', 'c.txt')
const text = fc.constantFrom('one', 'two', 'three', 'four')
const pick = fc.nat({ max: 20 })
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('see'), author }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('create'), author, parent: pick, name, text: fc.option(text) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit'), author, entry: pick, text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move'), author, entry: pick, parent: pick, name }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), author, entry: pick, subtree: fc.boolean() }) },
)
const anySteps = fc.array(anyStep, { maxLength: 25 })
/** The coordinator is set back once, and whatever a node then still knows is offered again. */
const anySetBack = fc.record({ before: anySteps, lost: anySteps, after: anySteps })

class Run {
  readonly folder = new MemoryFolder(() => '2026-11-22T14:03:07.000Z')
  readonly authors = ['atlas', 'birch', 'cedar'].map((id) => new Author(this.folder, id))

  perform(steps: readonly Step[], check: () => void = () => undefined): void {
    for (const step of steps) {
      this.#one(step)
      check()
    }
  }

  #one(step: Step): void {
    const node = this.authors[step.author]
    if (node === undefined) return
    if (step.kind === 'see') return node.see()
    const live = node.live()
    const directories = [ROOT_ID, ...live.filter(({ content }) => content.kind === 'directory').map(({ id }) => id)]
    const parent = 'parent' in step ? (directories[step.parent % directories.length] ?? ROOT_ID) : ROOT_ID
    if (step.kind === 'create') return void node.create(step.name, step.text, parent)
    const entry = live[step.entry % Math.max(live.length, 1)]
    if (entry === undefined) return
    if (step.kind === 'delete') node.delete(entry.id, step.subtree)
    else if (step.kind === 'move') node.move(entry.id, parent, step.name)
    else if (entry.content.kind === 'file') node.edit(entry.id, step.text)
  }
}

function allStates({ folder }: Run): readonly EntryState[] {
  return folder.changes({ cursor: { epoch: '', seq: 0, tag: '' }, limit: 1_000_000 }).states
}

/** No two at one place, everything below a live directory, nothing below itself. */
function expectTree(run: Run): void {
  const live = new Map(
    allStates(run)
      .filter(({ deleted }) => !deleted)
      .map((state) => [state.id, state]),
  )
  const places = [...live.values()].map(({ parent, name: at }) => `${parent}/${at}`)
  expect(new Set(places).size, 'two entries share a place').toBe(places.length)
  for (const state of live.values()) {
    const above = new Set<EntryId>()
    for (let at = state.parent; at !== ROOT_ID;) {
      const directory = live.get(at)
      expect(directory?.content.kind, `what ${state.name} lies in`).toBe('directory')
      expect(above.has(at), `${state.name} lies in a circle`).toBe(false)
      above.add(at)
      at = directory?.parent ?? ROOT_ID
    }
  }
}

describe('whatever nodes commit', () => {
  test('the folder stays a tree', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const run = new Run()
        run.perform(steps, () => expectTree(run))
      }),
      { numRuns: 150 },
    )
  })

  test('registers only ever go forward, and log positions with them', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const run = new Run()
        let before = new Map<EntryId, EntryState>()
        run.perform(steps, () => {
          const states = allStates(run)
          for (const state of states) {
            const old = before.get(state.id)
            if (old === undefined || old.seq === state.seq) continue
            expect(state.seq).toBeGreaterThan(old.seq)
            for (const register of ['contentVector', 'placeVector', 'existenceVector'] as const) {
              expect(includes(state[register], old[register]), `${register} of ${state.name}`).toBe(true)
            }
          }
          expect(new Set(states.map(({ seq }) => seq)).size).toBe(states.length)
          before = new Map(states.map((state) => [state.id, state]))
        })
      }),
      { numRuns: 100 },
    )
  })

  test('every content that was taken in is a version, and current unless something newer had seen it', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const run = new Run()
        run.perform(steps)
        const current = new Map(allStates(run).map((state) => [state.id, state]))
        for (const { state } of run.folder.versions) {
          const now = current.get(state.id)
          expect(now, `${state.name} vanished`).toBeDefined()
          if (now === undefined || now.deleted) continue
          expect(['equal', 'after']).toContain(compare(now.contentVector, state.contentVector))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('a tombstone has seen what it removed', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const run = new Run()
        run.perform(steps)
        for (const state of allStates(run)) {
          if (!state.deleted) continue
          expect(includes(state.existenceVector, merge(state.contentVector, state.placeVector))).toBe(true)
        }
      }),
      { numRuns: 100 },
    )
  })

  test('the clock has seen every register', () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const run = new Run()
        run.perform(steps)
        const { clock } = run.folder.changes({ cursor: { epoch: '', seq: 0, tag: '' }, limit: 1_000_000 })
        for (const { contentVector, placeVector, existenceVector } of allStates(run)) {
          expect(includes(clock, merge(merge(contentVector, placeVector), existenceVector))).toBe(true)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('a coordinator that was set back and is offered all that was lost stays a tree, and reverts nothing', () => {
    fc.assert(
      fc.property(anySetBack, ({ before, lost, after }) => {
        const run = new Run()
        run.perform(before)
        const backup = run.folder.save()
        run.perform(lost)
        const states = allStates(run)
        run.folder.restore(backup)
        run.folder.noticeSetBack()
        for (const author of run.authors) author.reread()
        run.perform(after)
        const [first] = run.authors
        // Directories first, as nodes do; those that are refused come again.
        for (let round = 0; round < 4; round++) for (const state of states) first?.offer(state)
        expectTree(run)
        const { head } = run.folder
        for (const state of states) first?.offer(state)
        expect(run.folder.head, 'it came to rest').toBe(head)
        const now = new Map(allStates(run).map((state) => [state.id, state]))
        const { aliases } = run.folder.save()
        for (const state of states) {
          // What was made one with another entry lives on as that one.
          const held = now.get(aliases.get(state.id) ?? state.id)
          if (held === undefined) continue
          expect(compare(held.placeVector, state.placeVector), `the place of ${state.name}`).not.toBe('before')
          expect(compare(held.contentVector, state.contentVector), `the content of ${state.name}`).not.toBe('before')
        }
      }),
      { numRuns: 100 },
    )
  })
})

test('a decision that lacks rows names them, and the same question has the same answer', () => {
  const node = NodeIdSchema.parse('atlas')
  const entry = entryIdOf(node, 1)
  const ask = (): CommitDecision =>
    decideCommit(
      {
        folder: {
          id: new MemoryFolder(() => '').id,
          head: 3,
          clock: { atlas: 3 },
          deleteBrakeShare: 0.5,
          deleteBrakeMin: 20,
          quotaBytes: null,
          isHalted: false,
          setBack: null,
        },
        node: { id: node, name: 'atlas', access: 'read-write' },
        at: '2026-11-22T14:03:07.000Z',
        liveCount: 1,
        liveBytes: 0,
        recentDeletes: 0,
        unavailable: new Map(),
        noRoom: null,
        rows: NO_ROWS,
      },
      {
        clock: { atlas: 3 },
        operations: [{ kind: 'move', counter: 4, entry, basedOn: {}, place: { parent: ROOT_ID, name: 'x' } }],
        contents: [],
        manifests: [],
        approved: false,
      },
    )
  expect(ask()).toMatchObject({ kind: 'needs', needs: { entries: [entry] } })
  expect(ask()).toEqual(ask())
})
