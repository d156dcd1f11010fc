import { expect, test } from 'vitest'
import type { OpenFile } from '@causeway/replica'
import { contentHashOf } from '../test-support/memory-link.ts'
import { createDeparted } from './departed.ts'

const content = contentHashOf(new Uint8Array())

test('a file is closed once it is let go and nobody reads it any more', async () => {
  const departed = createDeparted()
  const { file, closed } = openFile()
  departed.keep(content, file)
  const reader = departed.open(content)
  expect(await departed.letGo()).toBe(true)
  expect(departed.open(content)).toBeUndefined()
  expect(closed()).toBe(0)
  await reader?.close()
  await reader?.close()
  expect(closed()).toBe(1)
  expect(await departed.letGo()).toBe(false)
})

test('it is let go by itself after a while, and when another of the same content takes its place', async () => {
  const departed = createDeparted(20)
  const [first, second] = [openFile(), openFile()]
  departed.keep(content, first.file)
  departed.keep(content, second.file)
  expect([first.closed(), second.closed()]).toEqual([1, 0])
  await expect.poll(second.closed).toBe(1)
  expect(departed.open(content)).toBeUndefined()
})

test('many files do not stay open together', async () => {
  const departed = createDeparted()
  const files = Array.from({ length: 200 }, () => openFile())
  files.forEach(({ file }, index) => departed.keep(contentHashOf(new Uint8Array([index])), file))
  expect(files.filter(({ closed }) => closed() === 0)).toHaveLength(128)
  await departed.letGo()
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
