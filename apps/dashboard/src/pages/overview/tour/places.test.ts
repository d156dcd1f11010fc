import { FileViewSchema, NodeViewSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { editCommand, largeFileOf, placesOf, PRACTICE_FILE, rivalCommand, saveCommand } from './places.ts'

const AT = '2026-11-29T14:00:00.000Z'

function node(name: string, given: Record<string, unknown> = {}, member: Record<string, unknown> = {}) {
  const folder = {
    folder: 'work',
    node: name,
    access: 'read-write',
    paused: false,
    applied: 0,
    clock: {},
    head: 0,
    behind: 0,
    report: null,
    ...member,
  }
  return NodeViewSchema.parse({
    id: name,
    name,
    address: 'here',
    port: 1,
    watchDirectories: [`/home/${name}`],
    capabilities: [],
    version: '1',
    online: true,
    registeredAt: AT,
    lastSeenAt: AT,
    revoked: false,
    folders: [folder],
    ...given,
  })
}

function file(name: string, size: number) {
  const id = 'ash.1'
  return FileViewSchema.parse({ id, folder: 'work', path: name, name, size, hash: '', modified_at: AT, version: 1 })
}

test('only nodes that are there and may write are places to save in', () => {
  const nodes = [
    node('elm', { online: false }),
    node('cedar', {}, { access: 'receive-only' }),
    node('birch', {}, { paused: true }),
    node('fir', { revoked: true }),
    node('oak', {}, { folder: 'photos' }),
    node('ash'),
  ]
  expect(placesOf(nodes, 'work')).toEqual([{ node: 'ash', name: 'ash', address: 'here', directory: '/home/ash' }])
})

test('no directory is named where it is not sure which one it is', () => {
  const [place] = placesOf([node('ash', { watchDirectories: ['/a', '/b'] })], 'work')
  expect(place?.directory).toBeNull()
})

test('the large file is one that takes a line of text, or the tour’s own; another’s program’s file never', () => {
  expect(largeFileOf([file('film.mp4', 9e8), file('small.csv', 10)])).toBeUndefined()
  expect(largeFileOf([file('film.mp4', 9e8), file(PRACTICE_FILE, 2e7)])?.name).toBe(PRACTICE_FILE)
  expect(largeFileOf([file('a.csv', 2e6), file('b.log', 3e6), file(PRACTICE_FILE, 2e7)])?.name).toBe('b.log')
})

test('a path reaches the shell as it is', () => {
  expect(saveCommand("/home/o'hara")).toBe("date >> '/home/o'\\''hara/Saved on the tour.txt'")
  expect(editCommand('/a b', '$x/`y`.csv')).toBe("echo 'one more line' >> '/a b/$x/`y`.csv'")
})

test('two saves at once are proposed where two directories are on one machine', () => {
  const here = placesOf([node('ash'), node('birch')], 'work')
  expect(rivalCommand(here)).toBe(
    "echo 'saved on ash' > '/home/ash/Saved twice on the tour.txt'; echo 'saved on birch' > '/home/birch/Saved twice on the tour.txt'",
  )
  expect(rivalCommand(placesOf([node('ash'), node('birch', { address: 'there' })], 'work'))).toBeUndefined()
})
