import type { Cursor, EntryId, EntryState } from '@causeway/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { LogReader } from './log-reader.ts'
import type { LogReading, ReadingEvent } from './log-reading.ts'

const cursor: Cursor = { epoch: 'e', seq: 4, tag: 't' }
const told: EntryState = {
  id: 'atlas.1' as EntryId,
  seq: 7,
  parent: 'root' as EntryId,
  name: 'note',
  placeVector: { atlas: 1 },
  content: { kind: 'directory', mode: 0o755 },
  contentVector: { atlas: 1 },
  existenceVector: { atlas: 1 },
  deleted: false,
}
const other: EntryState = { ...told, id: 'birch.1' as EntryId }

let rows: Map<string, string>
let writes: number

/** What a process of the node reads with; all of them keep their settings in one place. */
function reader(): LogReader {
  return new LogReader({
    setting: (key) => rows.get(key),
    putSetting(key, value) {
      writes++
      if (value === null) rows.delete(key)
      else rows.set(key, value)
    },
  })
}

beforeEach(() => {
  rows = new Map()
  writes = 0
})

test('what the log is known to hold past the cursor is unread', () => {
  const log = reader()
  expect(log.unreadAfter(cursor)).toBe(0)
  log.reaches(7)
  expect(log.unreadAfter(cursor)).toBe(3)
})

test('while the log is read again from its start, nobody counts what is unread', () => {
  const log = reader()
  log.reaches(7)
  log.note('set-back', [])
  expect(log.unreadAfter(cursor)).toBe(0)
})

test('a cycle is owed until the log is live again', () => {
  const log = reader()
  expect(log.owes()).toBe(false)
  log.note('missed')
  expect([log.owes(), log.asksInFull]).toEqual([true, false])
  log.note('too-short')
  expect(log.asksInFull).toBe(true)
  log.note('level')
  expect([log.owes(), log.asksInFull]).toEqual([false, false])
  log.note('set-back', [])
  expect([log.owes(), log.asksInFull, log.isRereading]).toEqual([true, true, true])
})

describe('a restart', () => {
  test.each<[string, readonly ReadingEvent[], LogReading]>([
    ['live', [], { kind: 'live' }],
    ['live again', ['missed', 'level'], { kind: 'live' }],
    ['behind', ['missed'], { kind: 'behind', full: false }],
    ['behind, and asking in full', ['missed', 'too-short'], { kind: 'behind', full: true }],
    ['reading the log again', ['set-back'], { kind: 'rereading', seen: new Set(), known: [told] }],
  ])('goes on %s', (_name, events, reading) => {
    const log = reader()
    for (const event of events) log.note(event, [told])
    expect(reader().reading).toEqual(reading)
  })

  test('while the log is read again remembers what was known before, and more each time', () => {
    reader().note('set-back', [told])
    const next = reader()
    expect(next.isInterrupted).toBe(true)
    next.note('set-back', [other])
    expect(next.isInterrupted).toBe(false)
    expect(reader().reading).toMatchObject({ known: [told, other] })
  })

  test('before all was given back reads the log again, though it was read to its end', () => {
    const log = reader()
    log.note('set-back', [told])
    log.note('level')
    log.note('missed')
    expect(log.reading.kind).toBe('behind')
    expect(reader().reading).toMatchObject({ kind: 'rereading', known: [told] })
    log.restored()
    expect(reader().reading).toEqual({ kind: 'behind', full: false })
  })

  test('is not over while the log is still being read again', () => {
    const log = reader()
    log.note('set-back', [told])
    log.restored()
    expect(reader().isRereading).toBe(true)
  })

  test('goes on with what an earlier version had begun, until that is done', () => {
    rows.set('resync-due', '1')
    const log = reader()
    expect([log.isRereading, log.isInterrupted]).toEqual([true, true])
    log.note('set-back', [])
    log.note('level')
    log.restored()
    expect([...rows]).toEqual([])
  })
})

test('what changes nothing is not written', () => {
  const log = reader()
  log.note('level')
  log.note('missed')
  const before = writes
  log.note('missed')
  log.restored()
  expect(writes).toBe(before)
})
