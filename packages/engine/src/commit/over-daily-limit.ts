import { sizeInWords, type Operation, type Outcome } from '@causeway/protocol'
import { refused, sameBytes, type Deciding } from './deciding.ts'
import type { DailyLimit } from './folder-snapshot.ts'

/** What counts together for a daily limit: it moves along with the clock. */
export const DAY_MS = 24 * 3_600_000

/**
 * What of an operation counts for its node's daily limit: the whole size of bytes that the entry did not hold before. 0 for
 * a node without a limit, and for what brings no new bytes.
 */
export function broughtBytes({ tree, snapshot }: Deciding, operation: Operation): number {
  if (snapshot.node.daily === undefined) return 0
  if (operation.kind !== 'create' && operation.kind !== 'edit') return 0
  const { content } = operation
  if (content.kind !== 'file') return 0
  const there = operation.kind === 'create' ? tree.at(operation.place) : tree.entry(operation.entry)
  return there !== undefined && sameBytes(there.content, content) ? 0 : content.size
}

/** Refuses what a node would bring above its daily limit. What brings no new bytes passes. */
export function overDailyLimit({ tree, snapshot }: Deciding, bytes: number): Outcome | null {
  const { name, daily } = snapshot.node
  if (daily === undefined || bytes === 0) return null
  const sentBytes = daily.sent.reduce((sum, sent) => sum + sent.bytes, tree.broughtBytes)
  if (sentBytes + bytes <= daily.limitBytes) return null
  const roomAt = roomAgainAt({ ...daily, sentBytes }, bytes)
  return refused(
    'over-quota',
    `${name} may send ${sizeInWords(daily.limitBytes)} a day and sent ${sizeInWords(sentBytes)} in the last 24 hours: ` +
      `${sizeInWords(bytes)} more do not fit. ` +
      (roomAt === null
        ? 'It is more than a whole day may bring: ask an admin for a higher limit'
        : `There is room from ${roomAt.slice(0, 16).replace('T', ' ')} UTC on, or ask an admin for a higher limit`),
  )
}

/** When enough of what was sent is a day ago; null if it never is. What this very commit brings counts as sent now. */
function roomAgainAt(
  { limitBytes, sent, sentBytes }: DailyLimit & { readonly sentBytes: number },
  bytes: number,
): string | null {
  if (bytes > limitBytes) return null
  let left = sentBytes
  for (const { lastAt, bytes: gone } of sent) {
    left -= gone
    if (left + bytes <= limitBytes) return dayAfter(lastAt)
  }
  return null
}

/** Rounded up to the minute: what is said in minutes must not come too early. */
function dayAfter(at: string): string {
  return new Date(Math.ceil((Date.parse(at) + DAY_MS + 1) / 60_000) * 60_000).toISOString()
}
