import { FolderIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { newJob, step, type Happening, type Job } from './job.ts'

const fresh = newJob({ id: 1, folder: FolderIdSchema.parse('docs'), path: 'a', owner: null, size: 100 })
const after = (job: Job, ...happenings: Happening[]): Job => happenings.reduce(step, job)

test('a file is queued, sent, and arrives', () => {
  const job = after(
    fresh,
    { kind: 'begun' },
    { kind: 'progress', doneBytes: 60, sentBytes: 10 },
    { kind: 'arrived', seq: 7, sentBytes: 12 },
  )
  expect(job).toMatchObject({ phase: 'arrived', doneBytes: 100, sentBytes: 12, seq: 7 })
})

test('a broken connection is tried again, and the first progress says that it holds', () => {
  const job = after(fresh, { kind: 'begun' }, { kind: 'retrying', why: 'no answer' })
  expect(job).toMatchObject({ phase: 'retrying', why: 'no answer' })
  expect(step(job, { kind: 'progress', doneBytes: 5, sentBytes: 5 })).toMatchObject({ phase: 'sending', why: null })
})

test('a paused file stays paused while its last bytes arrive, and takes its turn when it goes on', () => {
  const job = after(fresh, { kind: 'begun' }, { kind: 'paused' }, { kind: 'progress', doneBytes: 50, sentBytes: 50 })
  expect(job).toMatchObject({ phase: 'paused', doneBytes: 50 })
  expect(after(job, { kind: 'retrying', why: 'x' }).phase).toBe('paused')
  expect(after(job, { kind: 'resumed' }).phase).toBe('queued')
  expect(after(job, { kind: 'resumed' }, { kind: 'begun' }).phase).toBe('sending')
})

test('a finish that came while a person paused has arrived all the same', () => {
  expect(after(fresh, { kind: 'begun' }, { kind: 'paused' }, { kind: 'arrived', seq: 1, sentBytes: 0 }).phase).toBe(
    'arrived',
  )
})

test.each(['progress', 'retrying', 'failed', 'arrived'] as const)(
  'after a cancel, a late %s changes nothing',
  (kind) => {
    const job = after(fresh, { kind: 'begun' }, { kind: 'cancelled' })
    expect(step(job, { kind, doneBytes: 1, sentBytes: 1, why: '', seq: 1 })).toBe(job)
  },
)

test('a failed file begins anew when asked to, an arrived one does not', () => {
  const failed = after(fresh, { kind: 'begun' }, { kind: 'failed', why: 'it changed' })
  expect(step(failed, { kind: 'again' })).toEqual(fresh)
  const arrived = after(fresh, { kind: 'begun' }, { kind: 'arrived', seq: 1, sentBytes: 0 })
  expect(step(arrived, { kind: 'again' })).toBe(arrived)
})
