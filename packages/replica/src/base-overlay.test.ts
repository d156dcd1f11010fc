import { ROOT_ID } from '@causeway/protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BaseOverlay } from './base-overlay.ts'
import { Replica } from './test-support/replica.ts'

let replica: Replica
let ids: Awaited<ReturnType<Replica['plant']>>
let overlay: BaseOverlay

beforeEach(async () => {
  replica = new Replica()
  ids = await replica.plant('docs/', 'docs/a', 'docs/b', 'top')
  overlay = new BaseOverlay(replica.state)
})

afterEach(() => replica.close())

const names = (parent = ids['docs']): string[] =>
  parent === undefined
    ? []
    : overlay
        .baseChildren(parent)
        .map(({ name }) => name)
        .sort()

test('what was not changed shows through', () => {
  expect(overlay.base(replica.base(ids['docs/a']).id)).toEqual(replica.base(ids['docs/a']))
  expect(names()).toEqual(['a', 'b'])
  expect(overlay.changes().size).toBe(0)
})

test('a move leaves its old place and takes the new one, and the base below stays as it was', () => {
  const a = replica.base(ids['docs/a'])
  overlay.put({ ...a, parent: ROOT_ID, name: 'moved' })
  expect(overlay.baseAt(a.parent, 'a')).toBeUndefined()
  expect(overlay.baseAt(ROOT_ID, 'moved')?.id).toBe(a.id)
  expect(names()).toEqual(['b'])
  expect(names(ROOT_ID)).toEqual(['docs', 'moved', 'top'])
  expect(replica.state.baseAt(a.parent, 'a')?.id).toBe(a.id)
})

test('what is removed is gone, and told as gone', () => {
  const a = replica.base(ids['docs/a'])
  overlay.remove(a.id)
  expect(overlay.base(a.id)).toBeUndefined()
  expect(overlay.baseAt(a.parent, 'a')).toBeUndefined()
  expect([...overlay.changes()]).toEqual([[a.id, null]])
})

test('a name taken over is not vacated again when its former holder moves on', () => {
  const [a, b] = [replica.base(ids['docs/a']), replica.base(ids['docs/b'])]
  overlay.put({ ...a, name: 'c' })
  overlay.put({ ...b, name: 'a' })
  overlay.put({ ...a, name: 'b' })
  expect(overlay.baseAt(a.parent, 'a')?.id).toBe(b.id)
  expect(overlay.baseAt(a.parent, 'b')?.id).toBe(a.id)
  expect(names()).toEqual(['a', 'b'])
})

test('what was put and removed again leaves nothing', () => {
  const { id } = replica.make(ROOT_ID, 'new', 'x')
  overlay.put({ ...replica.base(ids['top']), id, name: 'new' })
  overlay.remove(id)
  expect(overlay.baseAt(ROOT_ID, 'new')).toBeUndefined()
  expect(names(ROOT_ID)).toEqual(['docs', 'top'])
})
