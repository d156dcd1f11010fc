import { FolderIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createUploads } from './uploads.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

const to = { folder: FolderIdSchema.parse('docs'), owner: null }
const given = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ path: `f${at + 1}`, file: new File(['x'], `f${at + 1}`) }))

test('a few at a time are sent, the next when one has ended', () => {
  const { uploads, posted, tell } = running()
  uploads.add(given(6), to)
  expect(posted.map(({ id }) => id)).toEqual([1, 2, 3, 4])
  tell({ id: 2, happening: { kind: 'arrived', seq: 1, sentBytes: 1 } })
  tell({ id: 3, happening: { kind: 'failed', why: 'no' } })
  expect(posted.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
  expect(uploads.jobs.map(({ phase }) => phase)).toEqual([
    'sending',
    'arrived',
    'failed',
    'sending',
    'sending',
    'sending',
  ])
})

test('a paused file gives up its place and takes its turn again later', () => {
  const { uploads, posted } = running()
  uploads.add(given(5), to)
  uploads.pause([1])
  expect(posted.slice(4).map(({ kind, id }) => [kind, id])).toEqual([
    ['hold', 1],
    ['start', 5],
  ])
  uploads.resume([1])
  expect(uploads.jobs[0]?.phase).toBe('queued')
  uploads.cancel([5])
  expect(posted.at(-1)).toMatchObject({ kind: 'start', id: 1 })
})

test('all can be paused, resumed, cancelled and cleared at once', () => {
  const { uploads, posted } = running()
  uploads.add(given(6), to)
  uploads.pause()
  expect(new Set(uploads.jobs.map(({ phase }) => phase))).toEqual(new Set(['paused']))
  posted.length = 0
  uploads.resume()
  expect(posted.map(({ id }) => id)).toEqual([1, 2, 3, 4])
  uploads.cancel()
  uploads.clear()
  expect(uploads.jobs).toEqual([])
})

test('a failed file can be tried again', () => {
  const { uploads, posted, tell } = running()
  uploads.add(given(1), to)
  tell({ id: 1, happening: { kind: 'failed', why: 'it changed' } })
  uploads.again()
  expect(posted.map(({ kind }) => kind)).toEqual(['start', 'start'])
  expect(uploads.jobs[0]).toMatchObject({ phase: 'sending', why: null })
})

function running() {
  const posted: ToWorker[] = []
  let hear: (message: FromWorker) => void = () => undefined
  const uploads = createUploads(
    (listener) => {
      hear = listener
      return { post: (message) => void posted.push(message) }
    },
    (work) => work(),
  )
  return { uploads, posted, tell: (message: FromWorker) => hear(message) }
}
