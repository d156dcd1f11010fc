import { FolderIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { newJob, step } from './job.ts'
import { noteSample, rateOf, totalsOf, type Sample } from './totals.ts'

const folder = FolderIdSchema.parse('docs')
const job = (id: number, size: number) => newJob({ id, folder, path: `f${id}`, owner: null, size })

test('cancelled files are no part of what is to be sent', () => {
  const jobs = [
    step(step(job(1, 100), { kind: 'begun' }), { kind: 'progress', doneBytes: 40, sentBytes: 10 }),
    step(job(2, 1000), { kind: 'cancelled' }),
    step(job(3, 10), { kind: 'arrived', seq: 1, sentBytes: 10 }),
  ]
  const totals = totalsOf(jobs)
  expect(totals).toMatchObject({ files: 3, bytes: 110, doneBytes: 50, sentBytes: 20, busy: true })
  expect(totals.byPhase).toMatchObject({ sending: 1, cancelled: 1, arrived: 1 })
  expect(totalsOf(jobs.slice(1)).busy).toBe(false)
})

test('the rate is that of the last seconds', () => {
  let samples: readonly Sample[] = []
  for (let second = 0; second <= 20; second++) {
    samples = noteSample(samples, { atMs: second * 1000, doneBytes: second < 10 ? 0 : (second - 10) * 500 })
  }
  expect(rateOf(samples)).toBe(500)
  expect(rateOf(samples.slice(-1))).toBe(null)
})
