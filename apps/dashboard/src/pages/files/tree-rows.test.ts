import { expect, test } from 'vitest'
import { directoryEntry, NOTHING_WITHIN } from './directory-entry.ts'
import type { DirectoryState } from './directory.ts'
import type { TreeState } from './tree.ts'
import { treeRows, treeStep, type TreeRow, type TreeStep } from './tree-rows.ts'

const WORK = stateOf({ '': ['a', 'b', 'c'], b: ['d'], 'b/d': [] })

test('the lines say how deep they lie, where among how many, and whether they are open', () => {
  const rows = treeRows({ name: 'work', state: WORK, current: 'b/d' })
  expect(rows.map(words)).toEqual([
    '1 work open 1/1',
    '2 a closed 1/3',
    '2 b open 2/3',
    '3 d leaf 1/1',
    '2 c closed 3/3',
  ])
})

test('where not all were read, the directory one is in is shown all the same, behind what stands for the rest', () => {
  const state = stateOf({ '': ['a', 'b', '…'] })
  expect(treeRows({ name: 'work', state, current: 'z/deep' }).map(words)).toEqual([
    '1 work open 1/1',
    '2 a closed 1/?',
    '2 b closed 2/?',
    '2 more',
    '2 z closed 3/?',
  ])
  expect(treeRows({ name: 'work', state, current: 'b' }).map(words)).not.toContain('2 b closed 3/?')
})

test('what is moved is no place to move it to, and a directory with nothing else has nothing to open', () => {
  const rows = treeRows({ name: 'work', state: WORK, current: '', without: ['a', 'b/d'] })
  expect(rows.map(words)).toEqual(['1 work open 1/1', '2 b leaf 1/2', '2 c closed 2/2'])
})

test('a directory that is being read, or could not be, says so below its name', () => {
  const state: TreeState = new Map([
    ['', level(['a', 'b'])],
    ['a', { ...level([]), status: 'loading' }],
    ['b', { ...level([]), status: 'failed' }],
  ])
  const rows = treeRows({ name: 'work', state, current: '' })
  expect(rows.map(words)).toEqual(['1 work open 1/1', '2 a open 1/2', '3 reading', '2 b open 2/2', '3 failed'])
})

/** 0 work, 1 a (closed), 2 b (open), 3 d (a leaf), 4 c (closed). */
test.each<readonly [name: string, at: number, key: string, step: TreeStep | null]>([
  ['Down goes to the next line', 0, 'ArrowDown', { kind: 'to', at: 1 }],
  ['j does as well', 0, 'j', { kind: 'to', at: 1 }],
  ['Up stays at the top', 0, 'ArrowUp', { kind: 'to', at: 0 }],
  ['End goes to the last line', 0, 'End', { kind: 'to', at: 4 }],
  ['Home goes to the first', 4, 'Home', { kind: 'to', at: 0 }],
  ['Page down stays within', 0, 'PageDown', { kind: 'to', at: 4 }],
  ['Right opens what is closed', 1, 'ArrowRight', { kind: 'open', path: 'a' }],
  ['Right goes into what is open', 2, 'ArrowRight', { kind: 'to', at: 3 }],
  ['Right stays where there is nothing to open', 3, 'ArrowRight', { kind: 'to', at: 3 }],
  ['Left closes what is open', 2, 'ArrowLeft', { kind: 'close', path: 'b' }],
  ['Left goes from what can not be closed to what it is in', 3, 'ArrowLeft', { kind: 'to', at: 2 }],
  ['Left goes over what lies beside it', 4, 'ArrowLeft', { kind: 'to', at: 0 }],
  ['Enter does what a click does', 1, 'Enter', { kind: 'use' }],
  ['so does Space', 1, ' ', { kind: 'use' }],
  ['another key is left to the page', 1, 'x', null],
])('%s', (_name, at, key, step) => {
  expect(treeStep(treeRows({ name: 'work', state: WORK, current: '' }), at, key)).toEqual(step)
})

/** Names in a directory; a last one of `…` stands for more that were not read. */
function stateOf(levels: Readonly<Record<string, readonly string[]>>): TreeState {
  return new Map(
    Object.entries(levels).map(([path, names]) => {
      const more = names.at(-1) === '…'
      return [path, { ...level(more ? names.slice(0, -1) : names), more }]
    }),
  )
}

function level(names: readonly string[]): DirectoryState {
  const read = { entries: names.map(directoryEntry), total: names.length, within: NOTHING_WITHIN }
  return { ...read, status: 'ready', error: null, more: false, loadingMore: false }
}

function words(row: TreeRow): string {
  if (row.kind !== 'directory') return `${row.level} ${row.kind}`
  const { name, isOpen, position, siblings } = row
  return `${row.level} ${name} ${isOpen === null ? 'leaf' : isOpen ? 'open' : 'closed'} ${position}/${siblings ?? '?'}`
}
