import { expect, test } from 'vitest'
import { UnsentChanges } from './unsent-changes.ts'

test('what a scan finds is counted down as it is answered for, never below nothing', () => {
  const unsent = new UnsentChanges()
  unsent.scanBegins()
  unsent.found(3)
  unsent.acknowledged(2)
  expect(unsent.count).toBe(1)
  // Offers are answered for too, and no scan found them.
  unsent.acknowledged(5)
  expect(unsent.count).toBe(0)
  unsent.left(4)
  expect(unsent.count).toBe(4)
})

test('a cycle scans until the scan has found something, or nothing', () => {
  const unsent = new UnsentChanges()
  expect(unsent.isScanning).toBe(true)
  unsent.found(0)
  expect(unsent.isScanning).toBe(false)
  unsent.scanBegins()
  expect(unsent.isScanning).toBe(true)
})

test('who listens hears of changes in the middle of a cycle, not of its end', () => {
  const unsent = new UnsentChanges()
  const heard: number[] = []
  unsent.listen(() => heard.push(unsent.count))
  unsent.found(3)
  unsent.acknowledged(1)
  unsent.left(0)
  expect(heard).toEqual([3, 2])
})
