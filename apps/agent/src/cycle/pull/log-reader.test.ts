import type { Cursor } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { LogReader } from './log-reader.ts'

const cursor: Cursor = { epoch: 'e', seq: 4, tag: 't' }

test('what the log is known to hold past the cursor is unread', () => {
  const log = new LogReader()
  expect(log.unreadAfter(cursor)).toBe(0)
  log.reaches(7)
  expect(log.unreadAfter(cursor)).toBe(3)
})

test('while the log is read again from its start, nobody counts what is unread', () => {
  const log = new LogReader()
  log.reaches(7)
  log.note('set-back', [])
  expect(log.unreadAfter(cursor)).toBe(0)
})

test('a cycle is owed until the log is live again', () => {
  const log = new LogReader()
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
