/** How far a long copy has come, in words. */
export interface Progress {
  /** Begins a piece of work of so many bytes or rows. */
  begin(what: string, total: number, unit: 'bytes' | 'rows'): void
  add(count: number): void
}

export interface ProgressPorts {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number
  readonly say: (line: string) => void
}

const EVERY_MS = 2000

/** Says something at the beginning and the end of each piece of work, and every two seconds between. */
export function createProgress({ now, say }: ProgressPorts): Progress {
  let work = { what: '', total: 0, unit: 'rows' as 'bytes' | 'rows', beganAt: 0 }
  let done = 0
  let saidAt = 0
  return {
    begin(what, total, unit) {
      work = { what, total, unit, beganAt: now() }
      done = 0
      saidAt = now()
      say(`${what}: ${amount(total, unit)}`)
    },
    add(count) {
      done += count
      if (now() - saidAt < EVERY_MS) return
      saidAt = now()
      say(progressText({ ...work, done, elapsedMs: now() - work.beganAt }))
    },
  }
}

/** What, how much of how much, how fast, and how long it will still take at that rate. */
export function progressText({
  what,
  total,
  unit,
  done,
  elapsedMs,
}: {
  readonly what: string
  readonly total: number
  readonly unit: 'bytes' | 'rows'
  readonly done: number
  readonly elapsedMs: number
}): string {
  const share = total === 0 ? 100 : Math.min(100, Math.floor((done / total) * 100))
  const perSecond = elapsedMs === 0 ? 0 : (done / elapsedMs) * 1000
  const left = perSecond === 0 ? '' : `, ${duration(Math.max(0, total - done) / perSecond)} left`
  const rate = `${amount(Math.round(perSecond), unit)}/s`
  return `${what}: ${amount(done, unit)} of ${amount(total, unit)} (${share} %), ${rate}${left}`
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

export function amount(count: number, unit: 'bytes' | 'rows'): string {
  if (unit === 'rows') return `${count.toLocaleString('en')} rows`
  let value = count
  let at = 0
  while (value >= 999.5 && at < UNITS.length - 1) {
    value /= 1000
    at++
  }
  return `${value.toFixed(at === 0 || value >= 99.95 ? 0 : 1)} ${UNITS[at]}`
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}
