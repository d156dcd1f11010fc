import { expect, test } from 'vitest'
import { gaugeReadings, levelAt } from './gauge.ts'

test('every line has the same length, and a level lies where it is said to lie', () => {
  const text = Buffer.concat([...gaugeReadings(25_000)]).toString()
  const lines = text.trimEnd().split('\n')
  expect(lines).toHaveLength(25_001)
  expect(new Set(lines.map((line) => line.length))).toEqual(new Set([40]))
  for (const row of [0, 1, 24_999]) {
    const { offset, length } = levelAt(row)
    expect(text.slice(offset, offset + length)).toBe(lines[row + 1]?.split(',')[1])
  }
})

test('the readings are those of a sea: always the same, never far from the mean', () => {
  const levels = (): number[] => {
    const lines = Buffer.concat([...gaugeReadings(5_000)])
      .toString()
      .trimEnd()
      .split('\n')
      .slice(1)
    return lines.map((line) => Number(line.split(',')[1]))
  }
  expect(levels()).toEqual(levels())
  expect(Math.min(...levels())).toBeGreaterThan(-1)
  expect(Math.max(...levels())).toBeLessThan(10)
})
