import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { KeyPinSchema, NodeIdSchema, type KeyPin } from '@causeway/protocol'
import { createDialler } from '../link/dialler.ts'
import { openStateDirectory, readEnrolment } from './state-directory.ts'
import { takePins } from './take-pins.ts'

const pinOf = (letter: string): KeyPin => KeyPinSchema.parse(letter.repeat(43))
const [old, next, other] = [pinOf('o'), pinOf('n'), pinOf('x')]

test('announced keys are kept on the disk before they count, and survive a restart', async () => {
  const { state, dialler, root } = await enrolled('https://nas:8000', [old])
  expect(await takePins(state, dialler, [old, next])).toEqual([old, next])
  expect(dialler.pins).toEqual([old, next])
  expect((await readEnrolment(root)).record.coordinator).toEqual({
    url: 'https://nas:8000',
    id: 'c',
    pins: [old, next],
  })
  expect(await takePins(state, dialler, [next])).toEqual([next])
  expect((await readEnrolment(root)).record.coordinator.pins).toEqual([next])
})

test('keys that cannot be kept do not count', async () => {
  const { dialler } = await enrolled('https://nas:8000', [old])
  const full = { update: () => Promise.reject(new Error('the disk is full')) }
  await expect(takePins(full, dialler, [next])).rejects.toThrow('full')
  expect(dialler.pins).toEqual([old])
})

test('a node that has pinned no key takes none up from whoever answers', async () => {
  const { state, dialler } = await enrolled('https://files.example', [])
  expect(await takePins(state, dialler, [other])).toEqual([])
  expect(dialler.pins).toEqual([])
  expect(state.record?.coordinator).not.toHaveProperty('pins')
})

async function enrolled(url: string, pins: readonly (KeyPin | undefined)[]) {
  const root = await mkdtemp(join(tmpdir(), 'causeway-pins-'))
  const state = await openStateDirectory(root)
  onTestFinished(async () => {
    await state.release()
    await rm(root, { recursive: true, force: true })
  })
  const known = pins.filter((pin) => pin !== undefined)
  const coordinator = { url, id: 'c', ...(known.length > 0 && { pins: known }) }
  await state.save({ node: NodeIdSchema.parse('ash-1'), name: 'ash', coordinator, address: '', port: 0, folders: [] })
  return { root, state, dialler: createDialler(coordinator) }
}
