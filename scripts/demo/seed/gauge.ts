/**
 * Nine years of a tide gauge, a reading every ten minutes, as CSV: computed from tidal constituents and some weather,
 * always the same. Every line has the same length, so that one reading can be found and corrected.
 */
export const GAUGE: { readonly path: string; readonly rows: number } = {
  path: 'Tides/Gauge readings.csv',
  rows: 488_000,
}

const HEADER = 'time_utc        ,level_m,air_hpa,water_c\n'
const BEGINS_MS = Date.UTC(2015, 0, 1)
const STEP_MS = 600_000
const BLOCK_ROWS = 20_000

/** Height in metres, period in hours, phase: what moon and sun do to the sea. */
const CONSTITUENTS = [
  [2.31, 12.4206012, 0.4],
  [0.77, 12, 1.1],
  [0.45, 12.65834751, 2.2],
  [0.11, 23.93447213, 0.7],
  [0.08, 25.81933871, 1.9],
] as const

/** The whole file, in blocks of some hundred kilobytes. */
export function* gaugeReadings(rows: number = GAUGE.rows): Generator<Buffer> {
  yield Buffer.from(HEADER)
  const weather = createWeather()
  for (let from = 0; from < rows; from += BLOCK_ROWS) {
    let block = ''
    for (let at = from; at < Math.min(from + BLOCK_ROWS, rows); at++) block += rowOf(at, weather())
    yield Buffer.from(block)
  }
}

/** Where the level of one reading lies in the file, in bytes, and how many it takes. */
export function levelAt(row: number): { readonly offset: number; readonly length: number } {
  return { offset: HEADER.length * (row + 1) + 'yyyy-mm-ddThh:mm,'.length, length: LEVEL_WIDTH }
}

const LEVEL_WIDTH = 7

function rowOf(at: number, { surge, air, water }: Weather): string {
  const ms = BEGINS_MS + at * STEP_MS
  const hours = (at * STEP_MS) / 3_600_000
  let level = 4.2 + surge
  for (const [height, period, phase] of CONSTITUENTS) level += height * Math.cos((2 * Math.PI * hours) / period - phase)
  const time = new Date(ms).toISOString().slice(0, 16)
  return `${time},${level.toFixed(3).padStart(LEVEL_WIDTH)},${air.toFixed(1).padStart(7)},${water.toFixed(2).padStart(7)}\n`
}

interface Weather {
  readonly surge: number
  readonly air: number
  readonly water: number
}

/** Wanders slowly and never far; the same each time. */
function createWeather(): () => Weather {
  let state = 20_150_101
  let wind = 0
  let air = 1013
  let water = 11
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 - 0.5
  }
  return () => {
    wind = wind * 0.995 + random() * 0.02
    air += random() * 0.4 - (air - 1013) * 0.0005
    water += random() * 0.02 - (water - 11) * 0.0002
    return { surge: wind, air, water }
  }
}
