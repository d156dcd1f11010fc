import { expect, test } from 'vitest'
import { parsePeersArgs } from './args.ts'
import { withNeeds } from './cases/all.ts'

test('without options everything is measured once, on a fast link', () => {
  expect(parsePeersArgs(['--peers'])).toMatchObject({
    tools: ['rsync', 'unison', 'syncthing', 'causeway'],
    repeat: 1,
    quick: false,
    link: undefined,
  })
})

test('lists keep the order of the table, whatever order they were given in', () => {
  const options = parsePeersArgs([
    '--peers',
    '--tools',
    'causeway, rsync',
    '--cases',
    'rename,tree',
    '--link',
    '50mbit,40ms',
  ])
  expect(options).toMatchObject({
    tools: ['rsync', 'causeway'],
    cases: ['tree', 'rename'],
    link: { bitsPerSecond: 50e6, roundTripMs: 40 },
  })
})

test.each([
  [['--tools', 'scp'], /no tool is called scp/],
  [['--cases', 'tree,nothing'], /no case is called nothing/],
  [['--repeat', '0'], /--repeat takes a whole number from 1 up/],
  [['--link', 'fast'], /50mbit,40ms/],
])('%j is refused with what would do', (args, message) => {
  expect(() => parsePeersArgs(['--peers', ...args])).toThrow(message)
})

test('a case brings with it what it starts from', () => {
  expect(withNeeds(['move']).map(({ name }) => name)).toEqual(['file', 'copy', 'move'])
  expect(withNeeds(['replace']).map(({ name }) => name)).toEqual(['first-version', 'replace'])
  expect(withNeeds(['tree']).map(({ name }) => name)).toEqual(['tree'])
})
