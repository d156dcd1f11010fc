import { expect, test } from 'vitest'
import { createTurns } from './turns.ts'

test('so many run at once, and then what was asked for last', async () => {
  const turns = createTurns(1)
  const order: string[] = []
  const work = (name: string) => () => {
    order.push(name)
    return Promise.resolve(name)
  }
  const broken = turns.run(() => Promise.reject(new Error('no')))
  const others = [turns.run(work('old')), turns.run(work('new'))]
  await expect(broken).rejects.toThrow('no')
  expect(await Promise.all(others)).toEqual(['old', 'new'])
  expect(order).toEqual(['new', 'old'])
})
