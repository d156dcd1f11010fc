import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { versionsToDrop, type KeptVersion, type RetentionPolicy } from './retention.ts'

const NOW = '2026-11-22T12:00:00Z'
const DEFAULT: RetentionPolicy = { keepAllDays: 30, keepThinnedDays: null }
const DAY_MS = 86_400_000

/** Versions at these times, oldest first. */
function versionsAt(...times: string[]): KeptVersion[] {
  return times.map((at, index) => ({ seq: index + 1, at }))
}

function keptOf(versions: readonly KeptVersion[], policy = DEFAULT, now = NOW): string[] {
  const dropped = new Set(versionsToDrop(versions, now, policy))
  return versions.filter((version) => !dropped.has(version)).map((version) => version.at)
}

describe('a version', () => {
  test.each([
    ['of the last 30 days stays', ['2026-10-23T00:00:00Z', '2026-10-23T00:00:01Z', NOW], [0, 1, 2]],
    ['of an older day stays only as its last', ['2026-10-22T09:00:00Z', '2026-10-22T23:59:59Z', NOW], [1, 2]],
    ['of another day stays beside it', ['2026-10-21T23:59:59Z', '2026-10-22T00:00:00Z', NOW], [0, 1, 2]],
    // 2026-07-20 is a Monday, 2026-07-26 its Sunday: 119 days before.
    [
      'of a week that is not wholly over 120 days old stays by day',
      ['2026-07-20T01:00:00Z', '2026-07-26T01:00:00Z', NOW],
      [0, 1, 2],
    ],
    ['of an older week stays only as its last', ['2026-07-13T01:00:00Z', '2026-07-19T01:00:00Z', NOW], [1, 2]],
    ['of the week before stays beside it', ['2026-07-12T23:00:00Z', '2026-07-13T01:00:00Z', NOW], [0, 1, 2]],
    ['that is the only one stays, however old', ['1999-01-01T00:00:00Z'], [0]],
    ['from a clock that ran ahead stays', ['2031-01-01T00:00:00Z', '2031-01-01T00:00:01Z', NOW], [0, 1, 2]],
    ['whose time can not be read stays', ['some time', 'some time', NOW], [0, 1, 2]],
  ])('%s', (_name, times, kept) => {
    expect(keptOf(versionsAt(...times))).toEqual(kept.map((index) => times[index]))
  })

  test('that was thinned goes after keepThinnedDays, but never the newest', () => {
    const times = ['2024-01-01T00:00:00Z', '2025-12-01T00:00:00Z', '2026-09-01T00:00:00Z']
    expect(keptOf(versionsAt(...times), { keepAllDays: 30, keepThinnedDays: 365 })).toEqual(times.slice(1))
    expect(keptOf(versionsAt(...times.slice(0, 2)), { keepAllDays: 30, keepThinnedDays: 10 })).toEqual([times[1]])
  })

  test('is newest by its place in the log, not by its clock', () => {
    const versions = [
      { seq: 9, at: '2020-01-01T00:00:00Z' },
      { seq: 3, at: '2020-01-01T10:00:00Z' },
    ]
    expect(versionsToDrop(versions, NOW, DEFAULT).map(({ seq }) => seq)).toEqual([3])
  })

  test('within keepAllDays never goes, even where keepThinnedDays is shorter', () => {
    expect(
      keptOf(versionsAt('2026-11-10T00:00:00Z', '2026-11-10T00:00:01Z', NOW), { keepAllDays: 30, keepThinnedDays: 1 }),
    ).toHaveLength(3)
  })

  test('a time that can not be read drops nothing', () => {
    expect(versionsToDrop(versionsAt('2020-01-01T00:00:00Z', NOW), 'now', DEFAULT)).toEqual([])
  })
})

describe('for any history', () => {
  const anyPolicy = fc.record({
    keepAllDays: fc.nat(60),
    keepThinnedDays: fc.option(fc.nat(400), { nil: null }),
  })
  /** Ages in hours, up to about 400 days; wall clocks that go back come up. */
  const anyVersions = fc
    .array(fc.nat(9_600), { minLength: 1, maxLength: 40 })
    .map((ages) => ages.map((hours, index) => ({ seq: index + 1, at: hoursBefore(NOW, hours) })))

  test('the newest stays, and nothing goes that is younger than keepAllDays', () => {
    fc.assert(
      fc.property(anyVersions, anyPolicy, (versions, policy) => {
        for (const dropped of versionsToDrop(versions, NOW, policy)) {
          expect(dropped.seq).not.toBe(versions.length)
          expect(Date.parse(NOW) - Date.parse(dropped.at)).toBeGreaterThan(policy.keepAllDays * DAY_MS)
        }
      }),
    )
  })

  test('thinning again at the same time drops nothing more', () => {
    fc.assert(
      fc.property(anyVersions, anyPolicy, (versions, policy) => {
        const dropped = new Set(versionsToDrop(versions, NOW, policy))
        expect(
          versionsToDrop(
            versions.filter((version) => !dropped.has(version)),
            NOW,
            policy,
          ),
        ).toEqual([])
      }),
    )
  })

  test('thinning in between leaves what thinning once at the end leaves', () => {
    fc.assert(
      fc.property(anyVersions, anyPolicy, fc.nat(9_600), (versions, policy, hoursEarlier) => {
        const earlier = new Set(versionsToDrop(versions, hoursBefore(NOW, hoursEarlier), policy))
        const left = versions.filter((version) => !earlier.has(version))
        expect(keptOf(left, policy)).toEqual(keptOf(versions, policy))
      }),
      { numRuns: 500 },
    )
  })

  test('without an end to thinned versions, every week keeps one', () => {
    fc.assert(
      fc.property(anyVersions, fc.nat(60), (versions, keepAllDays) => {
        const kept = keptOf(versions, { keepAllDays, keepThinnedDays: null })
        expect(new Set(kept.map(mondayOf))).toEqual(new Set(versions.map(({ at }) => mondayOf(at))))
      }),
    )
  })
})

function hoursBefore(at: string, hours: number): string {
  return new Date(Date.parse(at) - hours * 3_600_000).toISOString()
}

function mondayOf(at: string): string {
  const date = new Date(at)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}
