import { existsSync, lstatSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RemoveResult } from '../files.ts'
import { checkedDirectories } from './directories.ts'
import type { DiskContext } from './disk-context.ts'
import { toStat } from './disk-stat.ts'
import { openDisplaced } from './displaced.ts'
import { NO_NATIVE_CALLS } from './native.ts'
import { removeFile } from './removing.ts'
import { identifyRoot } from './root-marker.ts'
import { root, useBoundRoot, withCode } from './test-support/bound-root.ts'

useBoundRoot()

/** What the kernel would say of writers. */
let isOpen: boolean | undefined
/** How often the disk has no room for another name. */
let refusals = Infinity

function remove(name: string): RemoveResult {
  const identity = identifyRoot(root)
  const context: DiskContext = {
    root: identity,
    directories: checkedDirectories(identity),
    native: { ...NO_NATIVE_CALLS, renameNoReplace: () => (refusals-- > 0 ? 'ENOSPC' : 'ENOSYS') },
    writers: { isOpen: () => isOpen },
    breathe: () => undefined,
  }
  const displaced = openDisplaced(context, { nodeName: 'birch' })
  const stat = toStat(lstatSync(join(root, name), { bigint: true }))
  try {
    return removeFile(context, displaced, name, stat)
  } finally {
    displaced.stop()
  }
}

test('on a full disk, a file that nobody has open for writing is removed at once', () => {
  writeFileSync(join(root, 'note.txt'), 'old')
  refusals = Infinity
  isOpen = false
  expect(remove('note.txt')).toEqual({ kind: 'removed' })
  expect(existsSync(join(root, 'note.txt'))).toBe(false)
})

test('on a full disk, a file that somebody may have open for writing stays, and that is said', () => {
  writeFileSync(join(root, 'note.txt'), 'old')
  refusals = Infinity
  isOpen = undefined
  expect(() => remove('note.txt')).toThrow(expect.toSatisfy(withCode('disk-full')))
  expect(() => remove('note.txt')).toThrow(/cannot remove note\.txt.*free some space/)
  expect(existsSync(join(root, 'note.txt'))).toBe(true)
})

test('it is set aside as soon as there is room', () => {
  writeFileSync(join(root, 'note.txt'), 'old')
  refusals = 0
  isOpen = undefined
  expect(remove('note.txt')).toEqual({ kind: 'removed' })
  expect(readdirSync(join(root, '.causeway/displaced'))).toHaveLength(1)
})
