import type { EntryId, EntryState } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { LIVE, nextReading, type LogReading, type ReadingEvent } from './log-reading.ts'

const told: EntryState = {
  id: 'atlas.1' as EntryId,
  seq: 7,
  parent: 'root' as EntryId,
  name: 'note',
  placeVector: {},
  content: { kind: 'directory', mode: 0o755 },
  contentVector: {},
  existenceVector: {},
  deleted: false,
}
const BEHIND: LogReading = { kind: 'behind', full: false }
const IN_FULL: LogReading = { kind: 'behind', full: true }
const REREADING: LogReading = { kind: 'rereading', seen: new Set(['atlas.2' as EntryId]), known: [told] }
const ANEW: LogReading = { kind: 'rereading', seen: new Set(), known: [] }
const ANEW_KNOWING: LogReading = { kind: 'rereading', seen: new Set(), known: [told] }

test.each<[string, LogReading, ReadingEvent, LogReading]>([
  ['what was missed is asked for', LIVE, 'missed', BEHIND],
  ['what was told too shortly is asked for in full', LIVE, 'too-short', IN_FULL],
  ['a log that was set back is read again', LIVE, 'set-back', ANEW],
  ['at the end of the log there is nothing to do', LIVE, 'level', LIVE],
  ['more that was missed is asked for together', BEHIND, 'missed', BEHIND],
  ['who is behind may have to ask in full', BEHIND, 'too-short', IN_FULL],
  ['who is behind finds the log set back', BEHIND, 'set-back', ANEW],
  ['who was behind is live at the end', BEHIND, 'level', LIVE],
  ['who asks in full goes on to, whatever else was missed', IN_FULL, 'missed', IN_FULL],
  ['who asks in full goes on to, where another form is too short', IN_FULL, 'too-short', IN_FULL],
  ['who asks in full finds the log set back', IN_FULL, 'set-back', ANEW],
  ['who asked in full is live at the end', IN_FULL, 'level', LIVE],
  ['reading again, what is missed will be read', REREADING, 'missed', REREADING],
  ['reading again, everything is told in full', REREADING, 'too-short', REREADING],
  ['reading again, a log that is set back once more is read from its start', REREADING, 'set-back', ANEW_KNOWING],
  ['read again to the end, the log is live', REREADING, 'level', LIVE],
])('%s', (_name, reading, event, next) => {
  expect(nextReading(reading, event)).toEqual(next)
})

test('a log that is set back while it is read again is read anew, and what was told before is not forgotten', () => {
  const other = { ...told, id: 'birch.1' as EntryId }
  expect(nextReading(REREADING, 'set-back', [other])).toEqual({
    kind: 'rereading',
    seen: new Set(),
    known: [told, other],
  })
})
