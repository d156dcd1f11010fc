import { expect, test } from 'vitest'
import { createClient } from '@causeway/client'
import { ADMIN_TOKEN, run, type Running } from '../test-support/running.ts'

function clientOf(running: Running) {
  return createClient({ url: running.url, token: ADMIN_TOKEN })
}

async function names(running: Running, path = ''): Promise<string[]> {
  const { entries } = await clientOf(running).browse('default', path)
  return entries.map(({ state }) => state.name)
}

test('directories are made with those above them, and again without harm', async () => {
  await using running = await run()
  const client = clientOf(running)
  expect((await client.makeDirectory('default', 'a/b/c')).path).toBe('a/b/c')
  const again = await client.makeDirectory('default', 'a/b/c')
  expect(again.path).toBe('a/b/c')
  expect(await names(running, 'a/b')).toEqual(['c'])
})

test('a file is renamed, and moved into a directory that is made for it; its history goes along', async () => {
  await using running = await run()
  const client = clientOf(running)
  await client.upload(new Blob(['hello']), { path: 'notes.txt' })
  await client.move('default', 'notes.txt', 'new.txt')
  const moved = await client.move('default', 'new.txt', 'deep/down/kept.txt')
  expect(moved.path).toBe('deep/down/kept.txt')
  expect(await names(running)).toEqual(['deep'])
  const { versions } = await client.history('default', { path: 'deep/down/kept.txt' })
  expect(versions.map(({ path }) => path)).toEqual(['deep/down/kept.txt', 'new.txt', 'notes.txt'])
})

test('a move never takes another’s place, and no directory goes into itself', async () => {
  await using running = await run()
  const client = clientOf(running)
  await client.upload(new Blob(['1']), { path: 'one.txt' })
  await client.upload(new Blob(['2']), { path: 'two.txt' })
  await client.makeDirectory('default', 'a')
  await expect(client.move('default', 'one.txt', 'two.txt')).rejects.toMatchObject({ code: 'already-exists' })
  await expect(client.move('default', 'a', 'a/b')).rejects.toMatchObject({ code: 'bad-request' })
  await expect(client.move('default', 'nothing', 'x')).rejects.toMatchObject({ code: 'not-found' })
  await expect(client.move('default', 'one.txt', '../x')).rejects.toMatchObject({ code: 'bad-request' })
  expect(await names(running)).toEqual(['a', 'one.txt', 'two.txt'])
})

test('what is deleted takes with it all that is in it, is counted, and can be brought back', async () => {
  await using running = await run()
  const client = clientOf(running)
  await client.upload(new Blob(['1']), { path: 'keep.txt' })
  await client.upload(new Blob(['2']), { path: 'a/b/two.txt' })
  const { removed } = await client.remove('default', ['a', 'a/b/two.txt', 'gone.txt'])
  expect(removed).toBe(3)
  expect(await names(running)).toEqual(['keep.txt'])
  await client.restore('default', { path: 'a' })
  expect(await names(running, 'a/b')).toEqual(['two.txt'])
})
