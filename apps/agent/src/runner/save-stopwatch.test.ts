import { LONGEST_SAVE_MS } from '@causeway/protocol'
import { beforeEach, expect, test } from 'vitest'
import type { FoundChange, SaveStopwatch } from '../ports.ts'
import { createSaveStopwatch } from './save-stopwatch.ts'

let time: number
let took: number[]
let saves: SaveStopwatch

beforeEach(() => {
  time = 0
  took = []
  saves = createSaveStopwatch({ now: () => time, onSaved: (tookMs) => took.push(tookMs) })
})

test('a save is timed from its first notice to the answer, once', () => {
  notice('a/file', 10)
  notice('a/file', 11)
  scan(20, ['a/file'])
  accept('a/file', 35)
  accept('a/file', 50)
  expect(took).toEqual([25])
})

test('several saves that reach the coordinator as one are one, timed from the first', () => {
  notice('file', 10)
  scan(20, ['file'])
  notice('file', 1_000)
  scan(1_010, ['file'])
  accept('file', 1_030)
  expect(took).toEqual([1_020])
})

test('a save during the commit of the one before is timed by itself', () => {
  notice('file', 10)
  scan(20, ['file'])
  notice('file', 30)
  accept('file', 40)
  scan(50, ['file'])
  accept('file', 70)
  expect(took).toEqual([30, 40])
})

test('what no watcher noticed is not timed', () => {
  scan(20, ['found'])
  accept('found', 30)
  expect(took).toEqual([])
})

test.each<[string, FoundChange[]]>([
  ['nothing changed', []],
  ['a rename', [{ kind: 'move', path: 'file' }]],
  ['a delete', [{ kind: 'delete', path: 'file' }]],
  ['a directory', [{ kind: 'create', path: 'file', stat: { kind: 'directory' } }]],
])('where it turns out that the notice was of no save (%s), the next save is timed from its own', (_name, changes) => {
  notice('file', 10)
  time = 20
  saves.scanBegins()
  saves.scanned([{ directory: '', recursive: false }], changes)
  notice('file', 1_000)
  scan(1_010, ['file'])
  accept('file', 1_030)
  expect(took).toEqual([30])
})

test('the same where the file is read and is as both sides know it', () => {
  notice('file', 10)
  scan(20, ['file'])
  saves.unchanged('file')
  notice('file', 1_000)
  scan(1_010, ['file'])
  accept('file', 1_030)
  expect(took).toEqual([30])
})

test('a scan says nothing of what it did not look at, nor of what was noticed since it began', () => {
  notice('a/file', 10)
  notice('b/c/file', 10)
  time = 20
  saves.scanBegins()
  notice('late', 25)
  saves.scanned([{ directory: '', recursive: false }], [])
  for (const path of ['a/file', 'b/c/file', 'late']) accept(path, 100)
  expect(took).toEqual([90, 90, 75])
})

test('a look at a directory with all below covers what lies deep in it', () => {
  notice('b/c/file', 10)
  time = 20
  saves.scanBegins()
  saves.scanned([{ directory: 'b', recursive: true }], [])
  accept('b/c/file', 100)
  expect(took).toEqual([])
})

test('a file that is still being written counts from the last that was noticed of it', () => {
  notice('film', 10)
  notice('film', 5_000)
  scan(5_010, ['film'])
  saves.unfinished('film')
  scan(5_300, ['film'])
  accept('film', 5_400)
  expect(took).toEqual([400])
})

test('what waited for a person is not timed', () => {
  notice('file', 10)
  saves.forget()
  scan(20, ['file'])
  accept('file', 30)
  expect(took).toEqual([])
})

test('what is told stays within what a message may say', () => {
  notice('file', 0)
  scan(1, ['file'])
  accept('file', 2 * LONGEST_SAVE_MS)
  expect(took).toEqual([LONGEST_SAVE_MS])
})

test('while very many files wait the first of them are timed and the rest are not', () => {
  const paths = Array.from({ length: 10_001 }, (_, index) => `file ${index}`)
  for (const path of paths) notice(path, 10)
  scan(20, paths)
  for (const path of paths) accept(path, 30)
  expect(took).toHaveLength(10_000)
  notice('another', 40)
  scan(50, ['another'])
  accept('another', 60)
  expect(took).toHaveLength(10_001)
})

function notice(path: string, at: number): void {
  time = at
  saves.noticed(path)
}

/** A look at everything that finds these files changed. */
function scan(at: number, paths: readonly string[]): void {
  time = at
  saves.scanBegins()
  saves.scanned(
    [{ directory: '', recursive: true }],
    paths.map((path) => ({ kind: 'create', path, stat: { kind: 'file' } })),
  )
}

function accept(path: string, at: number): void {
  time = at
  saves.accepted(path)
}
