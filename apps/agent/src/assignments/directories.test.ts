import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { bindRoot } from '@causeway/replica'
import type { FormerBinding, NodeRecord } from '../state/node-record.ts'
import { directoryNameOf, placeFor, refuseUnfit } from './directories.ts'

const PHOTOS = FolderIdSchema.parse('photos')
const offer = { id: PHOTOS, name: 'Photos', access: 'read-write' } as const
let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'causeway-given-')))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

function record(change: Partial<NodeRecord> = {}): NodeRecord {
  return {
    format: 1,
    node: NodeIdSchema.parse('ash-1'),
    name: 'ash',
    coordinator: { url: 'http://127.0.0.1:8000', id: 'c' },
    address: 'ash',
    port: 0,
    folders: [],
    ...change,
  }
}

function former(directory: string, why: FormerBinding['why']): FormerBinding {
  const nonce = bindRoot(directory, PHOTOS)
  return {
    folder: PHOTOS,
    name: 'Photos',
    directory,
    access: 'read-write',
    nonce,
    why,
    endedAt: '2026-11-22T12:00:00Z',
  }
}

test('without a root for given folders a person is asked', async () => {
  expect(await placeFor(record(), offer)).toEqual({ kind: 'ask', reason: null })
})

test('a given folder gets a new directory of its name below the root, or an empty one', async () => {
  const taking = record({ acceptInto: root })
  const directory = join(root, 'Photos')
  expect(await placeFor(taking, offer)).toEqual({ kind: 'take', directory })
  expect(readdirSync(root)).toEqual(['Photos'])
  expect(await placeFor(taking, offer)).toEqual({ kind: 'take', directory })
})

test('what holds something, is no directory, or leads elsewhere is never taken by itself', async () => {
  const taking = record({ acceptInto: root })
  mkdirSync(join(root, 'Photos'))
  writeFileSync(join(root, 'Photos', 'mine.txt'), 'mine')
  expect(await placeFor(taking, offer)).toEqual({ kind: 'ask', reason: `${root}/Photos holds something already` })
  writeFileSync(join(root, 'Letters'), 'a file')
  expect(await placeFor(taking, { ...offer, name: 'Letters' })).toMatchObject({ kind: 'ask' })
  symlinkSync(tmpdir(), join(root, 'Elsewhere'))
  expect(await placeFor(taking, { ...offer, name: 'Elsewhere' })).toMatchObject({ kind: 'ask' })
  const away = join(root, 'not mounted')
  expect(await placeFor(record({ acceptInto: away }), offer)).toMatchObject({ kind: 'ask' })
  expect(readdirSync(root)).not.toContain('not mounted')
})

test.each([
  ['..', 'photos'],
  ['a/../../b', 'photos'],
  ['.causeway', 'photos'],
  ['.hidden', 'photos'],
  ['C:', 'photos'],
  ['back\\slash', 'photos'],
  ['Our photos', 'Our photos'],
])('the folder %j is kept in a directory named %j', (name, directory) => {
  expect(directoryNameOf({ id: PHOTOS, name })).toBe(directory)
})

test('a removed folder that comes back goes on where it was, and one that was taken away asks', async () => {
  const directory = join(root, 'where it was')
  const removed = former(directory, 'folder-removed')
  writeFileSync(join(directory, 'a'), 'a')
  expect(await placeFor(record({ former: [removed] }), offer)).toEqual({ kind: 'take', directory })
  const taken = { ...removed, why: 'taken-away' as const }
  expect(await placeFor(record({ former: [taken] }), offer)).toEqual({ kind: 'ask', reason: null })
  // Another disk is mounted there, or the directory was emptied.
  rmSync(join(directory, '.causeway'), { recursive: true })
  expect(await placeFor(record({ former: [removed] }), offer)).toMatchObject({ kind: 'ask' })
})

test('a directory in, around or of another folder is refused, and so is one around the state directory', () => {
  const directory = join(root, 'work')
  const bound = {
    folder: FolderIdSchema.parse('work'),
    name: 'Work',
    directory,
    access: 'read-write',
    nonce: 'n',
  } as const
  const carrying = record({ folders: [bound] })
  for (const wanted of [directory, join(directory, 'inside'), root])
    expect(() => refuseUnfit(carrying, { directory: wanted, folder: PHOTOS })).toThrow('are not apart')
  expect(() => refuseUnfit(carrying, { directory: join(root, 'x'), folder: bound.folder })).toThrow('keeps Work in')
  expect(() => refuseUnfit(record(), { directory: root, folder: PHOTOS, state: join(root, 'state') })).toThrow('state')
  bindRoot(join(root, 'strange'), PHOTOS)
  expect(() => refuseUnfit(record(), { directory: join(root, 'strange'), folder: PHOTOS })).toThrow('marker.json')
  expect(() => refuseUnfit(carrying, { directory: join(root, 'x'), folder: PHOTOS })).not.toThrow()
})
