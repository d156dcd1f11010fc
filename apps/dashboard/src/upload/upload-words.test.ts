import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { NodeStand, Stand } from '../pages/files/stands.ts'
import { newJob, step } from './job.ts'
import { totalsOf } from './totals.ts'
import { jobWords, spreadWords, titleWords } from './upload-words.ts'

const fresh = newJob({ id: 1, folder: FolderIdSchema.parse('docs'), path: 'a', owner: null, size: 2_000 })
const arrived = step(fresh, { kind: 'arrived', seq: 7, sentBytes: 150 })

test('where it goes and what is held back are told apart', () => {
  const waiting = [at('ash', { kind: 'coming', changes: 2 }), at('oak', { kind: 'paused' })]
  expect(spreadWords(waiting, [arrived], [])).toBe('On the way to ash. Held back: oak (paused).')
  expect(spreadWords([], [arrived], [])).toBe('No node has this folder yet.')
})

test('a file says how much was really sent', () => {
  expect(jobWords(arrived, [])).toBe('150 B sent of 2.00 kB, on every node')
  expect(jobWords(arrived, [at('ash', { kind: 'coming', changes: 1 })])).toContain('on its way to 1 node')
  expect(jobWords(arrived, [at('ash', { kind: 'halted' })])).toContain('held back on ash')
})

test('the title counts what is open, then what ended how', () => {
  expect(titleWords(totalsOf([fresh, arrived]))).toBe('Uploading 1 file of 2')
  expect(titleWords(totalsOf([step(fresh, { kind: 'paused' })]))).toBe('Paused: 1 file to send')
  expect(titleWords(totalsOf([arrived, step(fresh, { kind: 'cancelled' })]))).toBe('1 file uploaded, 1 file cancelled')
})

function at(name: string, stand: Stand): NodeStand {
  return { node: NodeIdSchema.parse(name), name, stand }
}
