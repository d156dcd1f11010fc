/** The person's own, as the browser has it. */
const LOCALE = typeof document === 'undefined' ? 'en' : undefined
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB']

/** A size in decimal units with three significant figures: `1.23 MB`. */
export function bytes(count: number): string {
  let value = Math.max(0, count)
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? Math.round(value) : threeFigures(value)} ${UNITS[unit]}`
}

export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`
}

/** A whole number with separators. */
export function count(value: number): string {
  return WHOLE.format(Math.round(value))
}

export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`
}

/** A share as a percentage; say of what beside it. */
export function share(part: number, whole: number): string {
  if (whole <= 0) return '–'
  const percent = (part / whole) * 100
  if (percent > 0 && percent < 0.1) return `< ${fixed(0.1, 1)} %`
  // A nearly whole share must not be rounded to a whole one.
  if (percent > 99.9 && percent < 100) return `> ${fixed(99.9, 1)} %`
  return `${fixed(percent, percent >= 99.95 || percent === 0 ? 0 : 1)} %`
}

/** Some names in a sentence, the first three where there are more: `ash, birch and cedar`. */
export function listOf(names: readonly string[]): string {
  if (names.length > 3) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

/** A duration: `3.2 ms`, `14 s`, `2 min 5 s`, `3 h 4 min`. What is too short to tell from nothing is told as that. */
export function duration(milliseconds: number): string {
  if (milliseconds <= 0) return '0 ms'
  if (milliseconds < 0.01) return '< 0.01 ms'
  if (milliseconds < 999.5) return `${threeFigures(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 9.95) return `${fixed(seconds, 1)} s`
  // Rounded before it is split, so that no part comes to a whole of the next.
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`
}

/** How long something will take, as exact as an estimate is: `a few seconds`, `about 40 s`, `about 3 min`. */
export function estimate(seconds: number): string {
  if (seconds < 8) return 'a few seconds'
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} s`
  if (seconds < 3570) return `about ${Math.round(seconds / 60)} min`
  if (seconds >= 86_400) return 'over a day'
  const minutes = Math.round(seconds / 600) * 10
  return `about ${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
}

/** How far a transfer is, in words: only of what has a whole. */
export function progressWords(transfer: {
  readonly files: number
  readonly filesTotal: number
  readonly bytes: number
  readonly bytesTotal: number
}): string {
  const parts: string[] = []
  if (transfer.bytesTotal > 0) parts.push(`${bytes(transfer.bytes)} of ${bytes(transfer.bytesTotal)}`)
  if (transfer.filesTotal > 0) parts.push(`${count(transfer.files)} of ${plural(transfer.filesTotal, 'file')}`)
  return parts.join(', ')
}

/** How long ago, in words. */
export function ago(thenMs: number, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - thenMs) / 1000)
  if (seconds < 2) return 'just now'
  if (seconds < 60) return `${Math.floor(seconds)} s ago`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`
  if (seconds < 86_400 * 30) return plural(Math.floor(seconds / 86_400), 'day') + ' ago'
  return day(thenMs)
}

// Made once each: a formatter of its own for each of a list's rows takes longer than the row.
const WHOLE = new Intl.NumberFormat(LOCALE)
const FIXED = [0, 1, 2].map((digits) => {
  return new Intl.NumberFormat(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits })
})
const TIMES = {
  moment: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'medium' }),
  minute: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium', timeStyle: 'short' }),
  day: new Intl.DateTimeFormat(LOCALE, { dateStyle: 'medium' }),
  shortDay: new Intl.DateTimeFormat(LOCALE, { day: 'numeric', month: 'short' }),
  clock: new Intl.DateTimeFormat(LOCALE, { timeStyle: 'medium' }),
  shortClock: new Intl.DateTimeFormat(LOCALE, { timeStyle: 'short' }),
}

// Times in the person's own locale and zone; milliseconds since 1970, empty for what is no time.

/** The moment itself, to the second. */
export const moment = (ms: number): string => time('moment', ms)
/** Day, hour and minute. */
export const minute = (ms: number): string => time('minute', ms)
const day = (ms: number): string => time('day', ms)
/** A day without its year, for the marks of an axis. */
export const shortDay = (ms: number): string => time('shortDay', ms)
/** The time of day, to the second. */
export const clockTime = (ms: number): string => time('clock', ms)
/** Hour and minute, for the marks of an axis. */
export const shortClock = (ms: number): string => time('shortClock', ms)

function time(form: keyof typeof TIMES, ms: number): string {
  return Number.isFinite(ms) ? TIMES[form].format(ms) : ''
}

/** A number with so many decimals (0 to 2), as the person writes them. */
function fixed(value: number, digits: number): string {
  return FIXED[digits]?.format(value) ?? String(value)
}

/** A path cut in its middle to about so many characters: its end says most. */
export function middleCut(path: string, most: number): string {
  if (path.length <= most) return path
  const tail = Math.ceil((most - 1) * 0.65)
  return `${path.slice(0, most - 1 - tail)}…${path.slice(-tail)}`
}

function threeFigures(value: number): string {
  if (value >= 99.95) return fixed(value, 0)
  return fixed(value, value >= 9.995 ? 1 : 2)
}
