import type { EntryId, EntryState } from '@causeway/protocol'

/** How a node stands to its folder's change log. */
export type LogReading =
  /** What is pushed follows what was read. */
  | { readonly kind: 'live' }
  /** Something is missing between: the next cycle asks, for whole states where short ones were not enough. */
  | { readonly kind: 'behind'; readonly full: boolean }
  /**
   * The coordinator lacks something: its log is read again from the start. Of
   * what it did not tell of in the end (`seen` grows with each page), what this
   * node holds, or was told before (`known`), was lost.
   */
  | { readonly kind: 'rereading'; readonly seen: Set<EntryId>; readonly known: readonly EntryState[] }

export type ReadingEvent =
  /** A push does not follow what was read, an answer did not tell all, or asking failed. */
  | 'missed'
  /** A short form relied on what this node does not hold. */
  | 'too-short'
  /** The coordinator lacks what it once told, or accepted. */
  | 'set-back'
  /** The log was read to its end. */
  | 'level'

export const LIVE: LogReading = { kind: 'live' }

/** The next reading. `known` are states that were told, and that the disk does not hold yet. */
export function nextReading(reading: LogReading, event: ReadingEvent, known: readonly EntryState[] = []): LogReading {
  switch (TABLE[reading.kind][event]) {
    case 'same':
      return reading
    case 'live':
      return LIVE
    case 'behind':
      return { kind: 'behind', full: false }
    case 'behind-in-full':
      return { kind: 'behind', full: true }
    case 'anew':
      return {
        kind: 'rereading',
        seen: new Set(),
        known: reading.kind === 'rereading' ? [...reading.known, ...known] : known,
      }
  }
}

const TABLE = {
  live: { missed: 'behind', 'too-short': 'behind-in-full', 'set-back': 'anew', level: 'same' },
  behind: { missed: 'same', 'too-short': 'behind-in-full', 'set-back': 'anew', level: 'live' },
  // It is read in full anyway.
  rereading: { missed: 'same', 'too-short': 'same', 'set-back': 'anew', level: 'live' },
} as const satisfies Record<LogReading['kind'], Record<ReadingEvent, string>>
