import { chmod, lstat, mkdir, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

test.each([
  ['to a file beside it', 'note.txt'],
  ['to nothing at all', 'does/not/exist'],
  ['to a directory', '../links'],
  ['to its parent', '..'],
  ['to itself', 'to-itself'],
  ['to an absolute path outside the folder', '/etc/hostname'],
  ['out of the folder', '../../../../../../etc'],
  ['with spaces and a newline in its target', 'a b\nc'],
])('a symlink %s arrives as it is', async (name, target) => {
  const { ash } = fleet()
  const below = `links/${name.replaceAll(' ', '-')}`
  const link = name === 'to itself' ? 'to-itself' : 'link'
  await mkdir(ash.path(below), { recursive: true })
  await symlink(target, ash.path(below, link))
  await expectEverywhere(fleet(), below, { [link]: `-> ${target}` })
})

test('a symlink that changes its target changes it everywhere', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('retarget'))
  await symlink('one', birch.path('retarget/link'))
  await expectEverywhere(fleet(), 'retarget', { link: '-> one' })
  await unlink(birch.path('retarget/link'))
  await symlink('two', birch.path('retarget/link'))
  await expectEverywhere(fleet(), 'retarget', { link: '-> two' })
})

test('what lies behind a symlink out of the folder is neither read nor changed', async () => {
  const { ash, birch, scratch } = fleet()
  const outside = join(scratch, 'outside')
  await mkdir(outside)
  await writeFile(join(outside, 'secret.txt'), 'not shared')
  await mkdir(ash.path('outside'))
  await symlink(outside, ash.path('outside/door'))
  await expectEverywhere(fleet(), 'outside', { door: `-> ${outside}` })
  await unlink(birch.path('outside/door'))
  await expectEverywhere(fleet(), 'outside', {})
  expect((await lstat(join(outside, 'secret.txt'))).size).toBe(10)
})

test('a directory that a node replaces by a symlink to elsewhere does not let the other nodes write there', async () => {
  const { ash, birch, scratch } = fleet()
  const outside = join(scratch, 'trap')
  await mkdir(outside)
  await mkdir(ash.path('trapped/inner'), { recursive: true })
  await writeFile(ash.path('trapped/inner/file.txt'), 'first')
  await expectEverywhere(fleet(), 'trapped', { 'inner/file.txt': 'first' })
  await rm(birch.path('trapped/inner'), { recursive: true })
  await symlink(outside, birch.path('trapped/inner'))
  await writeFile(ash.path('trapped/inner/file.txt'), 'second')
  await converged(fleet().nodes)
  await expect(lstat(join(outside, 'file.txt'))).rejects.toThrow('ENOENT')
})

test('a file becomes a symlink of the same name and a file again', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('to-link'))
  await writeFile(cedar.path('to-link/thing'), 'a file')
  await expectEverywhere(fleet(), 'to-link', { thing: 'a file' })
  await unlink(cedar.path('to-link/thing'))
  await symlink('elsewhere', cedar.path('to-link/thing'))
  await expectEverywhere(fleet(), 'to-link', { thing: '-> elsewhere' })
  await unlink(cedar.path('to-link/thing'))
  await writeFile(cedar.path('to-link/thing'), 'a file again')
  await expectEverywhere(fleet(), 'to-link', { thing: 'a file again' })
})

test.each([0o600, 0o755, 0o444, 0o640])(
  'the mode %o of a file arrives, and a change of mode alone does',
  async (mode) => {
    const { ash, birch } = fleet()
    const below = `mode-${mode.toString(8)}`
    await mkdir(ash.path(below))
    await writeFile(ash.path(below, 'tool'), '#!/bin/sh\n')
    await chmod(ash.path(below, 'tool'), mode)
    await expectEverywhere(fleet(), below, { tool: '#!/bin/sh\n' })
    await chmod(ash.path(below, 'tool'), 0o700)
    await eventually('the new mode is there', async () => {
      expect((await lstat(birch.path(below, 'tool'))).mode & 0o777).toBe(0o700)
    })
  },
)

test('set-uid, set-gid and sticky bits stay where they are', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('setuid'))
  await writeFile(ash.path('setuid/tool'), 'x')
  await chmod(ash.path('setuid/tool'), 0o4755)
  await expectEverywhere(fleet(), 'setuid', { tool: 'x' })
  expect((await lstat(birch.path('setuid/tool'))).mode & 0o7777).toBe(0o755)
})

test.each([
  ['to the nanosecond', '2024-02-29 12:34:56.123456789'],
  ['before 1970', '1969-12-31 23:59:59.5'],
  ['at 1970', '1970-01-01 00:00:00'],
  ['after 2038', '2040-01-01 00:00:00.000000001'],
])('the time of a file arrives %s', async (name, date) => {
  const { ash } = fleet()
  const below = `time/${name.replaceAll(' ', '-')}`
  await mkdir(ash.path(below), { recursive: true })
  await writeFile(ash.path(below, 'dated.txt'), 'dated')
  execFileSync('touch', ['-d', `${date} UTC`, ash.path(below, 'dated.txt')])
  const { mtimeNs } = await lstat(ash.path(below, 'dated.txt'), { bigint: true })
  await expectEverywhere(fleet(), below, { 'dated.txt': 'dated' })
  // Nobody "corrected" it on the way back either.
  expect((await lstat(ash.path(below, 'dated.txt'), { bigint: true })).mtimeNs).toBe(mtimeNs)
})

test('a touch alone, without a change of bytes, arrives', async () => {
  const { cedar, ash } = fleet()
  await mkdir(cedar.path('touch'))
  await writeFile(cedar.path('touch/note.txt'), 'same')
  await expectEverywhere(fleet(), 'touch', { 'note.txt': 'same' })
  await utimes(cedar.path('touch/note.txt'), 1_000_000_000, 1_000_000_000)
  await eventually('the new time is there', async () => {
    expect((await lstat(ash.path('touch/note.txt'))).mtimeMs).toBe(1_000_000_000_000)
  })
})

test('a named pipe is left alone and told as a problem, and its neighbours sync', async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('pipe'))
  execFileSync('mkfifo', [ash.path('pipe/fifo')])
  await writeFile(ash.path('pipe/note.txt'), 'text')
  await eventually('the neighbour has arrived', async () => {
    expect(await birch.view('pipe')).toEqual({ 'note.txt': 'text' })
  })
  const { problems } = await ash.status()
  expect(problems.map(({ path }) => path)).toContain('pipe/fifo')
  await rm(ash.path('pipe/fifo'))
  await eventually('the problem has gone with its cause', async () => {
    expect((await ash.status()).problems).toEqual([])
  })
})
