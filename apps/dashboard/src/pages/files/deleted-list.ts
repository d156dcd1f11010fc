import type { HistoryEvent } from '@causeway/protocol'

/** Of deletes and restores, newest first: the deletes that still hold. A directory's stands for all that fell with it. */
export function stillDeleted(events: readonly HistoryEvent[]): readonly HistoryEvent[] {
  const seen = new Set<string>()
  return events.filter(({ entry, kind, decision }) => {
    if (entry === null || seen.has(entry)) return false
    seen.add(entry)
    return kind === 'delete' && decision !== 'refused' && decision !== 'kept'
  })
}
