import { expect, test } from 'vitest'
import { titleOf, type Shown } from './page-title.ts'

test.each<readonly [title: string, shown: Partial<Shown>]>([
  ['Overview · Causeway', {}],
  ['Vector Clocks · Causeway', { page: '/clocks' }],
  ['(2) Conflicts · Photos · Causeway', { view: 'conflicts', folder: 'Photos', waiting: 2 }],
  ['(1,200) Sync Monitor · Causeway', { page: '/monitor', waiting: 1200 }],
  ['2026 · Photos · Causeway', { folder: 'Photos', path: 'Summer/2026' }],
  ['Deleted · Photos · Causeway', { folder: 'Photos', path: 'Summer/2026', view: 'deleted' }],
  ['Page not found · Causeway', { page: '/nowhere' }],
  ['\\u202excod · Causeway', { path: '\u202Excod' }],
])('the title %s says what is shown and what waits', (title, shown) => {
  const nothing = { page: '/', view: undefined, folder: undefined, path: undefined, waiting: 0 }
  expect(titleOf({ ...nothing, ...shown })).toBe(title)
})
