/** Why something waits for a person, or is shown to one: a sentence. */
export interface Brake {
  readonly reason: string
}

/**
 * Brakes a change that would remove more than `share` (0 to 1) of the `live`
 * entries there were before it, and at least `min`.
 */
export function massDeleteBrake(change: { live: number; removed: number; share: number; min: number }): Brake | null {
  const { live, removed, share, min } = change
  if (removed === 0 || removed < min || removed <= live * share) return null
  return {
    reason:
      `this would remove ${removed} of ${live} entries; ` +
      `a removal of more than ${Math.round(share * 100)}% waits for a person`,
  }
}

/** Fewer entries than this are deleted by hand every day. */
const ROOT_EMPTIED_MIN = 5

/** Brakes a scan that found nothing left of a folder: more likely a missing mount or a new disk than a wish. */
export function rootEmptied({ live, remaining }: { live: number; remaining: number }): Brake | null {
  if (remaining > 0 || live < ROOT_EMPTIED_MIN) return null
  return { reason: `the folder held ${live} entries and is now empty; a folder that is emptied waits for a person` }
}

/** Removals of up to this many entries go unmentioned. */
const BIG_REMOVAL_ENTRIES = 500

/** Tells of a removal that is worth a notice with an undo, though it does not wait. */
export function bigRemovalNotice(removed: number): Brake | null {
  return removed > BIG_REMOVAL_ENTRIES ? { reason: `${removed} entries were removed at once` } : null
}
