import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isStalled, paceAfter, paceFrom, secondsLeft, workLeft, type Pace } from './time-left.ts'

/** Files in the order they are moved, and how fast: what a simulated transfer is made of. */
interface Simulated {
  readonly sizes: readonly number[]
  readonly bytesPerMs: number
  readonly msPerFile: number
  /** How the rate goes up and down: by how much (of 1), in how many seconds, and how it begins. */
  readonly sway: number
  readonly swaySeconds: number
  readonly begins: number
  /** Changes are told done so many at a time. */
  readonly lump: number
}

interface Told {
  readonly atMs: number
  readonly left: number | null
}

/** Moves all files, and notes what was told on the way, a second apart. */
function run({ sizes, bytesPerMs, msPerFile, sway, swaySeconds, begins, lump }: Simulated): {
  readonly told: readonly Told[]
  readonly tookMs: number
} {
  let pace: Pace = paceFrom(0)
  let [nowMs, bytes, bytesTotal, changesDone] = [0, 0, 0, 0]
  let nextMs = 1_000
  const told: Told[] = []
  const spend = (ms: number): void => {
    nowMs += ms / (1 + sway * Math.sin(begins + (nowMs / 1000 / swaySeconds) * 2 * Math.PI))
  }
  const ask = (sizedFiles: number, movedFiles: number): void => {
    if (nowMs < nextMs) return
    nextMs = nowMs + 1_000
    const left = workLeft({
      changesDone,
      changesLeft: sizes.length - changesDone,
      sizedFiles,
      movedFiles,
      bytes,
      bytesTotal,
    })
    told.push({ atMs: nowMs, left: secondsLeft(pace, left, nowMs) })
  }
  sizes.forEach((size, index) => {
    bytesTotal += size
    for (let at = 0; at < size; at += 1_000_000) {
      const slice = Math.min(1_000_000, size - at)
      spend(slice / bytesPerMs)
      bytes += slice
      pace = paceAfter(pace, { changes: 0, bytes: slice }, nowMs)
      ask(index + 1, index)
    }
    spend(msPerFile)
    if ((index + 1) % lump !== 0 && index + 1 !== sizes.length) return
    pace = paceAfter(pace, { changes: index + 1 - changesDone, bytes: 0 }, nowMs)
    changesDone = index + 1
    ask(index + 1, index + 1)
  })
  return { told, tookMs: nowMs }
}

const anySway = {
  sway: fc.double({ min: 0, max: 0.2, noNaN: true }),
  swaySeconds: fc.double({ min: 1, max: 120, noNaN: true }),
  begins: fc.double({ min: 0, max: 7, noNaN: true }),
}

/**
 * Five seconds after the start, and until a second before the end: what is told then is at most twice or half of it, give
 * or take what was done by then and is told only with the rest of its lump.
 */
function expectRight(simulated: Simulated): void {
  const { told, tookMs } = run(simulated)
  const untold = (1.5 * simulated.lump * simulated.msPerFile) / 1000
  for (const { atMs, left } of told) {
    const really = (tookMs - atMs) / 1000
    if (atMs < 5_000 || really < 1) continue
    expect(left, `after ${atMs} ms of ${tookMs}`).not.toBeNull()
    expect(left ?? 0, `after ${atMs} ms of ${tookMs}`).toBeGreaterThan(really / 2 - untold)
    expect(left ?? 0, `after ${atMs} ms of ${tookMs}`).toBeLessThan(2 * really + untold)
  }
}

test('of one large file, at a rate that goes up and down by a fifth, the time left is right within a factor of two', () => {
  const anyFile = fc.record({
    sizes: fc.integer({ min: 20_000_000, max: 2_000_000_000 }).map((size) => [size]),
    bytesPerMs: fc.integer({ min: 2_000, max: 20_000 }),
    msPerFile: fc.constant(1),
    lump: fc.constant(1),
    ...anySway,
  })
  fc.assert(fc.property(anyFile, expectRight))
})

test('of many small files, told done hundreds at a time, the time left is right within a factor of two', () => {
  const anyFiles = fc.record({
    sizes: fc
      .tuple(fc.integer({ min: 2_000, max: 20_000 }), fc.integer({ min: 0, max: 60_000 }))
      .map(([many, size]) => Array.from({ length: many }, (_, index) => (size * (1 + (index % 7))) / 4)),
    bytesPerMs: fc.integer({ min: 10_000, max: 100_000 }),
    msPerFile: fc.double({ min: 0.3, max: 3, noNaN: true }),
    lump: fc.integer({ min: 1, max: 250 }),
    ...anySway,
  })
  fc.assert(fc.property(anyFiles, expectRight), { numRuns: 50 })
})

test('of files whose sizes become known one by one, the time left is right within a factor of two', () => {
  const anyFiles = fc.record({
    sizes: fc
      .tuple(fc.integer({ min: 40, max: 200 }), fc.integer({ min: 1_000_000, max: 10_000_000 }))
      .map(([many, size]) => Array.from({ length: many }, (_, index) => (size * (3 + (index % 3))) / 4)),
    bytesPerMs: fc.integer({ min: 4_000, max: 20_000 }),
    msPerFile: fc.double({ min: 0, max: 5, noNaN: true }),
    lump: fc.integer({ min: 1, max: 4 }),
    ...anySway,
  })
  fc.assert(fc.property(anyFiles, expectRight), { numRuns: 50 })
})

test('after a link has become ten times slower, the time left is right again within half a minute', () => {
  let pace = paceFrom(0)
  let nowMs = 0
  let bytesLeft = 400_000_000
  const move = (bytes: number): void => {
    nowMs += 100
    bytesLeft -= bytes
    pace = paceAfter(pace, { changes: 0, bytes }, nowMs)
  }
  while (nowMs < 30_000) move(1_000_000)
  while (nowMs < 60_000) move(100_000)
  const told = secondsLeft(pace, { changes: 1, bytes: bytesLeft }, nowMs) ?? 0
  expect(told / (bytesLeft / 1_000_000)).toBeGreaterThan(0.5)
  expect(told / (bytesLeft / 1_000_000)).toBeLessThan(2)
})

test('at the very start and while nothing moves nobody can tell; where nothing is left, no time is', () => {
  const pace = paceAfter(paceFrom(0), { changes: 0, bytes: 1_000_000 }, 1_000)
  const left = { changes: 1, bytes: 5_000_000 }
  expect(secondsLeft(pace, left, 1_000)).toBeNull()
  expect(secondsLeft(pace, left, 3_000)).not.toBeNull()
  expect(secondsLeft(pace, left, 6_000)).toBeNull()
  expect([isStalled(pace, 5_999), isStalled(pace, 6_000)]).toEqual([false, true])
  expect(secondsLeft(pace, { changes: 0, bytes: 0 }, 1_000)).toBe(0)
})

test('whatever it is told, the time left is finite and not negative', () => {
  const anySample = fc.record({
    changes: fc.nat(5_000),
    bytes: fc.nat(1e9),
    stepMs: fc.integer({ min: -5_000, max: 60_000 }),
  })
  fc.assert(
    fc.property(fc.array(anySample), (samples) => {
      let pace = paceFrom(0)
      let nowMs = 0
      for (const { changes, bytes, stepMs } of samples) {
        nowMs += stepMs
        pace = paceAfter(pace, { changes, bytes }, nowMs)
        const left = secondsLeft(pace, { changes: 3, bytes: 1_000 }, nowMs)
        expect(left === null || (Number.isFinite(left) && left > 0)).toBe(true)
      }
    }),
  )
})

test('a directory that is done is not taken for a file of the size of the one that is being moved', () => {
  const known = { changesDone: 1, changesLeft: 1, sizedFiles: 1, movedFiles: 0, bytes: 0, bytesTotal: 20_000_000 }
  expect(workLeft(known)).toEqual({ changes: 1, bytes: 20_000_000, isEstimate: false })
})

test('files whose turn has not come are taken to be like those before them, and that is said', () => {
  const known = { changesDone: 10, changesLeft: 90, sizedFiles: 20, movedFiles: 20, bytes: 2_000, bytesTotal: 2_000 }
  expect(workLeft(known)).toEqual({ changes: 90, bytes: 8_000, isEstimate: true })
})
