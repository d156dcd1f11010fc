import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LOG_START } from '@causeway/protocol'
import { createOf, DEFAULT_FOLDER, fileOf, run } from '../test-support/running.ts'

test('read in pages of any size, the log comes whole and once, and each cursor it gives is its own', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 }),
      async (commitSizes, pageSizes) => {
        await using running = await run()
        const ada = await running.enrol('ada')
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
          const batch = await running.coordinator.changes.changes(DEFAULT_FOLDER, ada.id, { cursor, limit })
          expect(batch.reset).toBe(false)
          expect(batch.clock[ada.id] ?? 0).toBeLessThanOrEqual(batch.cursor.seq)
          seen.push(...batch.states.map(({ seq }) => seq))
          const forged = { ...batch.cursor, tag: `${batch.cursor.tag}x` }
          const answer = await running.coordinator.changes.changes(DEFAULT_FOLDER, ada.id, { cursor: forged, limit })
          expect(answer.reset).toBe(true)
          cursor = batch.cursor
        }
        expect(seen).toEqual(Array.from({ length: counter }, (_, index) => index + 1))
      },
    ),
    { numRuns: 15 },
  )
})
