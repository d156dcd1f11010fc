import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ChangeBatchSchema,
  check,
  entryIdOf,
  LIMITS,
  LOG_START,
  type Content,
  type Cursor,
  type Operation,
} from '@causeway/protocol'
import { createOf, DEFAULT_FOLDER, fileOf, run } from '../test-support/running.ts'

const DIRECTORY: Content = { kind: 'directory', mode: 0o755 }

test('read in pages of any size, the log comes whole and once, and each cursor it gives is its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      async (commitSizes, pageSizes) => {
        await using running = await run()
        const ada = await running.enrol('ada')
        const bob = await running.enrol('bob')
        let counter = 0
        for (const size of commitSizes) {
          const files = Array.from({ length: size }, (_, index) => fileOf(`${counter + 1 + index}`))
          const operations = files.map(({ content }) => createOf(ada.id, ++counter, `${counter}`, content))
          await running.coordinator.commits.commit(DEFAULT_FOLDER, ada.id, {
            clock: {},
            operations,
            contents: files.map(({ named }) => named),
            manifests: [],
            approved: false,
          })
        }
        const seen: number[] = []
        let cursor = LOG_START
        for (let page = 0; cursor.seq < counter; page++) {
          const limit = pageSizes[page % pageSizes.length] ?? 1
          const batch = await running.coordinator.changes.changes(DEFAULT_FOLDER, bob.id, { cursor, limit })
          expect(batch.reset).toBe(false)
          expect(batch.clock[ada.id] ?? 0).toBeLessThanOrEqual(batch.cursor.seq)
          seen.push(...batch.states.map(({ seq }) => seq))
          const forged = { ...batch.cursor, tag: `${batch.cursor.tag}x` }
          const answer = await running.coordinator.changes.changes(DEFAULT_FOLDER, bob.id, { cursor: forged, limit })
          expect(answer.reset).toBe(true)
          cursor = batch.cursor
        }
        expect(seen).toEqual(Array.from({ length: counter }, (_, index) => index + 1))
      },
    ),
    { numRuns: 15 },
  )
})

test('whoever wrote states is told in a few numbers that they stand, and in full when it asks for that', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const operations = Array.from({ length: 30 }, (_, index) => createOf(ada.id, index + 1, `${index}`, DIRECTORY))
  await ada.commit({ operations })
  const { changes } = running.coordinator
  const short = await changes.changes(DEFAULT_FOLDER, ada.id, { cursor: LOG_START, limit: 4 })
  expect(short).toMatchObject({ states: [], echoes: { created: [1, 1, 30], known: [] }, cursor: { seq: 30 } })
  const full = await changes.changes(DEFAULT_FOLDER, ada.id, { cursor: LOG_START, limit: 4, full: true })
  expect(full.states).toHaveLength(4)
  expect(full.echoes).toBeUndefined()
})

test('a tree that was deleted is named in a few numbers to whoever knew it, and told in full to others', async () => {
  await using running = await run()
  const [ada, bob] = [await running.enrol('ada'), await running.enrol('bob')]
  const top = createOf(ada.id, 1, 'top', DIRECTORY)
  const below = Array.from({ length: 15 }, (_, index) => {
    return { ...createOf(ada.id, index + 2, `${index}`, DIRECTORY), place: { parent: top.entry, name: `${index}` } }
  })
  await ada.commit({ operations: [top, ...below] })
  const { cursor } = await bob.changes()
  const seen = { seenContent: { [ada.id]: 1 }, seenPlace: { [ada.id]: 1 } }
  const gone: Operation = { kind: 'delete', counter: 17, entry: top.entry, ...seen, subtree: true }
  await ada.commit({ operations: [gone], clock: { [ada.id]: 16 } })

  const { removals, states } = await bob.changes(cursor)
  expect(states).toEqual([])
  expect(removals?.runs).toHaveLength(7)
  expect(removals?.runs.slice(0, 6)).toEqual([0, 16, 16, 17, 0, 17])
  expect((await bob.changes(LOG_START)).states).toHaveLength(16)
})

test.each([4096, 4097, 10_000])(
  'a node that lies %i edits of its own behind is sent pages that it can read, each edit once',
  async (count) => {
    await using running = await run()
    const ada = await running.enrol('ada')
    const indexes = Array.from({ length: count }, (_, index) => index)
    const made = indexes.map((index) => createOf(ada.id, index + 1, `${index}`, DIRECTORY))
    const edits = indexes.map((index): Operation => {
      const counter = count + index + 1
      const basedOn = { [ada.id]: index + 1 }
      const content: Content = { kind: 'directory', mode: 0o700 }
      return { kind: 'edit', counter, entry: entryIdOf(ada.id, index + 1), basedOn, basedOnHash: '', content }
    })
    const commitAll = async (operations: readonly Operation[]): Promise<void> => {
      for (let at = 0; at < operations.length; at += LIMITS.operationsPerCommit) {
        const part = operations.slice(at, at + LIMITS.operationsPerCommit)
        const clock = { [ada.id]: (part[0]?.counter ?? 1) - 1 }
        const request = { clock, operations: [...part], contents: [], manifests: [], approved: false }
        await running.coordinator.commits.commit(DEFAULT_FOLDER, ada.id, request)
      }
    }
    await commitAll(made)
    const { epoch, seq, tag } = await running.coordinator.changes.head(DEFAULT_FOLDER)
    await commitAll(edits)

    for (const limit of [LIMITS.changesPerBatch, 1000, 1]) {
      let cursor: Cursor = { epoch, seq, tag }
      const told: number[] = []
      // Pages of one entry are a node's last resort; the first few show what they are like.
      while (cursor.seq < 2 * count && (limit > 1 || told.length < 3)) {
        const batch = await running.coordinator.changes.changes(DEFAULT_FOLDER, ada.id, { cursor, limit })
        expect(() => check(ChangeBatchSchema, batch)).not.toThrow()
        expect(batch.echoes?.known.length).toBeLessThanOrEqual(limit)
        told.push(...(batch.echoes?.known ?? []).map((known) => known.seq))
        cursor = batch.cursor
      }
      const whole = indexes.map((index) => count + index + 1)
      expect(told).toEqual(limit > 1 ? whole : whole.slice(0, 3))
    }
  },
)

test('a page of what a node made itself ends while the others have not waited long, though it would take next to no room', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const count = 20_000
  for (let at = 0; at < count; at += LIMITS.operationsPerCommit) {
    const part = Array.from({ length: Math.min(LIMITS.operationsPerCommit, count - at) }, (_, index) => {
      return createOf(ada.id, at + index + 1, `${at + index}`, DIRECTORY)
    })
    const request = { clock: { [ada.id]: at }, operations: part, contents: [], manifests: [], approved: false }
    await running.coordinator.commits.commit(DEFAULT_FOLDER, ada.id, request)
  }
  const page = await running.coordinator.changes.changes(DEFAULT_FOLDER, ada.id, { cursor: LOG_START, limit: 1000 })
  expect(page.states).toEqual([])
  expect(page.cursor.seq).toBeGreaterThan(10_000)
  expect(page.cursor.seq).toBeLessThan(count)
  const rest = await running.coordinator.changes.changes(DEFAULT_FOLDER, ada.id, { cursor: page.cursor, limit: 1000 })
  expect(rest.cursor.seq).toBe(count)
})
