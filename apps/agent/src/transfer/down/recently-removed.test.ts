import { expect, test } from 'vitest'
import type { OpenFile } from '@causeway/replica'
import { contentHashOf } from '../test-support/memory-link.ts'
import { createRecentlyRemoved } from './recently-removed.ts'

const content = contentHashOf(new Uint8Array())

test('a file is closed once it is let go and nobody reads it any more', async () => {
  const recentlyRemoved = createRecentlyRemoved()
  const { file, closed } = openFile()
  recentlyRemoved.keep(content, file)
  const reader = recentlyRemoved.open(content)
  expect(await recentlyRemoved.letGo()).toBe(true)
  expect(recentlyRemoved.open(content)).toBeUndefined()
  expect(closed()).toBe(0)
  await reader?.close()
  await reader?.close()
  expect(closed()).toBe(1)
  expect(await recentlyRemoved.letGo()).toBe(false)
})

test('it is let go by itself after a while, and when another of the same content takes its place', async () => {
  const recentlyRemoved = createRecentlyRemoved(20)
  const [first, second] = [openFile(), openFile()]
  recentlyRemoved.keep(content, first.file)
  recentlyRemoved.keep(content, second.file)
  expect([first.closed(), second.closed()]).toEqual([1, 0])
  await expect.poll(second.closed).toBe(1)
  expect(recentlyRemoved.open(content)).toBeUndefined()
})

test('many files do not stay open together', async () => {
  const recentlyRemoved = createRecentlyRemoved()
  const files = Array.from({ length: 200 }, () => openFile())
  files.forEach(({ file }, index) => recentlyRemoved.keep(contentHashOf(new Uint8Array([index])), file))
  expect(files.filter(({ closed }) => closed() === 0)).toHaveLength(128)
  await recentlyRemoved.letGo()
  expect(files.every(({ closed }) => closed() === 1)).toBe(true)
})

function openFile(): { file: OpenFile; closed(): number } {
  let closed = 0
  const never = (): Promise<never> => Promise.reject(new Error('nobody reads it'))
  const file = {
    stat: undefined as never,
    read: never,
    readInto: never,
    dataFrom: (offset: number) => offset,
    isUnchanged: never,
    close: async () => void closed++,
  }
  return { file, closed: () => closed }
}
