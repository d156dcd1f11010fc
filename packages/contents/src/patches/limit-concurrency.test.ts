import { expect, test } from 'vitest'
import { limitConcurrency } from './limit-concurrency.ts'

test('work waits for its place in the order of the calls, and a failure gives the place free', async () => {
  const limited = limitConcurrency(2)
  const log: string[] = []
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
  const runs = gates.map(({ promise }, index) => {
    return limited(async () => {
      log.push(`begin ${index}`)
      await promise
      return index
    })
  })
  await settle()
  expect(log).toEqual(['begin 0', 'begin 1'])
  gates[1]?.reject(new Error('failed'))
  await expect(runs[1]).rejects.toThrow('failed')
  await settle()
  expect(log).toEqual(['begin 0', 'begin 1', 'begin 2'])
  for (const { resolve } of gates) resolve()
  expect(await Promise.all([runs[0], runs[2], runs[3], runs[4]])).toEqual([0, 2, 3, 4])
  expect(log).toEqual(['begin 0', 'begin 1', 'begin 2', 'begin 3', 'begin 4'])
  expect(await limited(async () => 'free')).toBe('free')
})

async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
