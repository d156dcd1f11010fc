import { expect, test } from 'vitest'
import { createSeal } from './seal.ts'

const SECRET = 'of one installation'

test('who holds the secret reads what was said, whoever said it; also again after a pause', () => {
  const [ash, birch, cedar] = ['ash', 'birch', 'cedar'].map((name) => createSeal(SECRET, name))
  for (const text of ['one', '', 'drei ☃']) {
    expect(cedar?.open('ash', ash?.close(text) ?? new Uint8Array())).toBe(text)
    expect(cedar?.open('birch', birch?.close(text) ?? new Uint8Array())).toBe(text)
  }
})

test('nothing can be said twice, in another name, changed, cut, or without the secret', () => {
  const [ash, birch] = [createSeal(SECRET, 'ash'), createSeal(SECRET, 'birch')]
  const said = ash.close('let it go')
  expect(Buffer.from(said).includes('let it go')).toBe(false)
  expect(birch.open('cedar', said)).toBeUndefined()
  for (let at = 0; at < said.length; at++) {
    const changed = said.map((byte, index) => (index === at ? byte ^ 1 : byte))
    expect(birch.open('ash', changed)).toBeUndefined()
    expect(birch.open('ash', said.subarray(0, at))).toBeUndefined()
  }
  expect(birch.open('ash', createSeal('another', 'ash').close('let it go'))).toBeUndefined()
  expect(birch.open('ash', said)).toBe('let it go')
  expect(birch.open('ash', said)).toBeUndefined()
})

test('of what comes late, what is older than what was heard is left out', () => {
  const [ash, birch] = [createSeal(SECRET, 'ash'), createSeal(SECRET, 'birch')]
  const [first, second, third] = [ash.close('1'), ash.close('2'), ash.close('3')]
  expect([second, first, third].map((bytes) => birch.open('ash', bytes))).toEqual(['2', undefined, '3'])
})

test('those with one secret are one group, which does not give it away', () => {
  expect(createSeal(SECRET, 'ash').group).toBe(createSeal(SECRET, 'birch').group)
  expect(createSeal(SECRET, 'ash').group).not.toBe(createSeal('another', 'ash').group)
  expect(createSeal(SECRET, 'ash').group).toMatch(/^[0-9a-f]{32}$/)
})

test('what others make up does not make it forget whom it has heard', () => {
  const [ash, birch] = [createSeal(SECRET, 'ash'), createSeal(SECRET, 'birch')]
  const said = ash.close('one')
  expect(birch.open('ash', said)).toBe('one')
  for (let at = 0; at < 2_000; at++) birch.open(`noise ${at}`, new Uint8Array(60))
  expect(birch.open('ash', said)).toBeUndefined()
})
