/** One version of an entry, as far as its age counts. */
export interface KeptVersion {
  /** Its position in the change log: the newest has the highest. */
  readonly seq: number
  /** When it was accepted, ISO 8601. */
  readonly at: string
}

export interface RetentionPolicy {
  /** Every version is kept for this many days after its own. */
  readonly keepAllDays: number
  /** Thinned versions go this many days after their own, or after the end of their week; `null` keeps them. Less than `keepAllDays` counts as that. */
  readonly keepThinnedDays: number | null
}

/** So many days after the end of `keepAllDays` one version a day stays; then one a week. */
const DAILY_DAYS = 90

/**
 * The versions of one entry that a policy no longer keeps.
 *
 * Days are UTC days, weeks begin on Monday. Younger than `keepAllDays`: all
 * stay. For 90 more days the last one of each day stays. After that, the last
 * one of each week, up to `keepThinnedDays`. The newest version always stays,
 * and so does one whose time can't be read or lies ahead of `now`.
 *
 * It does not matter how often this is asked in between: what stays is the
 * same as if it were asked once at the end.
 */
export function versionsToDrop<Version extends KeptVersion>(
  versions: readonly Version[],
  now: string,
  policy: RetentionPolicy,
): Version[] {
  const today = dayOf(now)
  const newest = lastOfEach(versions, () => 'newest')
  const last = lastOfEach(versions, (version) => periodOf(version, today, policy))
  return versions.filter((version) => {
    const period = periodOf(version, today, policy)
    if (period === 'all' || newest.has(version)) return false
    return period === 'gone' || !last.has(version)
  })
}

/** Weeks and days never overlap, so a version that is the last of its week was the last of its day before. */
type Period = 'all' | 'gone' | `day ${number}` | `week ${number}`

function periodOf(version: KeptVersion, today: number, { keepAllDays, keepThinnedDays }: RetentionPolicy): Period {
  const day = dayOf(version.at)
  // Also where either time can't be read.
  if (!(today - day > keepAllDays)) return 'all'
  const week = weekOf(day)
  const isWeekly = today - lastDayOf(week) > keepAllDays + DAILY_DAYS
  // A week goes as a whole: its last version may carry an earlier time than the others, where a clock was set back.
  const end = isWeekly ? lastDayOf(week) : day
  if (keepThinnedDays !== null && today - end > keepThinnedDays) return 'gone'
  return isWeekly ? `week ${week}` : `day ${day}`
}

function lastOfEach<Version extends KeptVersion>(
  versions: readonly Version[],
  key: (version: Version) => string,
): ReadonlySet<Version> {
  const last = new Map<string, Version>()
  for (const version of versions) {
    const held = last.get(key(version))
    if (held === undefined || held.seq < version.seq) last.set(key(version), version)
  }
  return new Set(last.values())
}

/** Whole days since 1970; not a number if the time can't be read. */
function dayOf(at: string): number {
  return Math.floor(Date.parse(at) / 86_400_000)
}

/** 1 January 1970 was a Thursday: the third day of its week after Monday. */
function weekOf(day: number): number {
  return Math.floor((day + 3) / 7)
}

function lastDayOf(week: number): number {
  return week * 7 + 3
}
