import { createClient, type Client } from '@causeway/client'
import { expect, test } from 'vitest'
import { ADMIN_TOKEN, run, type Running } from '../test-support/running.ts'

const MANY = 1_100

function clientOf(running: Running): Client {
  return createClient({ url: running.url, token: ADMIN_TOKEN })
}

async function names(client: Client, path = ''): Promise<string[]> {
  return (await client.browse('default', path, { limit: 1000 })).entries.map(({ state }) => state.name)
}

async function upload(client: Client, ...paths: readonly string[]): Promise<void> {
  for (const path of paths) await client.upload(new Blob([path]), { path })
}

test('a directory is listed in any order in pages, with what is in its directories, and single names of it', async () => {
  await using running = await run()
  const client = clientOf(running)
  await upload(client, 'f10', 'f2', 'f1-and-longer', 'sub/one', 'sub/deep/two')
  expect(await names(client)).toEqual(['sub', 'f1-and-longer', 'f2', 'f10'])
  const found: string[] = []
  let after: string | undefined
  do {
    const page = { order: 'size', direction: 'desc', limit: 1, ...(after !== undefined && { after }) } as const
    const { entries, next } = await client.browse('default', '', page)
    found.push(...entries.map(({ state }) => state.name))
    after = next ?? undefined
  } while (after !== undefined)
  expect(found).toEqual(['sub', 'f1-and-longer', 'f10', 'f2'])
  const first = await client.browse('default', '', { name: ['sub', 'f2', 'nothing'], limit: 10 })
  expect(first.entries.map(({ state }) => state.name).toSorted()).toEqual(['f2', 'sub'])
  expect(first.entries.find(({ path }) => path === 'sub')?.within).toMatchObject({
    files: 2,
    directories: 1,
    bytes: 19,
  })
  expect(first).toMatchObject({ total: 4, within: { files: 5, directories: 2 } })
  await expect(client.browse('default', '', { after: 'f2' })).rejects.toMatchObject({ code: 'bad-request' })
})

test('everything in a directory is counted, and deleted but for what is left out and what came later, and brought back', async () => {
  await using running = await run()
  const client = clientOf(running)
  await upload(client, 'in/a', 'in/b', 'in/keep', 'in/sub/c', 'in/sub/dd', 'beside')
  const what = { directory: 'in', except: ['keep'] }
  const counted = await client.countEverything('default', what)
  expect(counted).toMatchObject({
    entries: 3,
    directories: 1,
    inDirectories: { files: 2, bytes: 17 },
    files: 2,
    bytes: 8,
  })
  await upload(client, 'in/later')
  const { removed, gone, next } = await client.removeEverything('default', { ...what, asOf: counted.asOf })
  expect([removed, gone.length, next]).toEqual([5, 3, null])
  expect(await names(client, 'in')).toEqual(['keep', 'later'])
  await client.bringBack('default', gone)
  expect(await names(client, 'in')).toEqual(['sub', 'a', 'b', 'keep', 'later'])
  expect(await names(client, 'in/sub')).toEqual(['c', 'dd'])
})

test('everything is moved part by part; names that are taken there stay, and so does the directory it goes to', async () => {
  await using running = await run()
  const client = clientOf(running)
  const node = await running.enrol('ada')
  for (let at = 0; at < MANY; at++) await node.save(`file ${at}`, 'the same', at + 1)
  await client.makeDirectory('default', 'into')
  await upload(client, 'into/file 7')
  const { asOf } = await client.countEverything('default', {})
  const moved: string[] = []
  const taken: string[] = []
  let after: string | undefined
  do {
    const part = { asOf, into: 'into', ...(after !== undefined && { after }) }
    const done = await client.moveEverything('default', part)
    moved.push(...done.moved)
    taken.push(...done.taken)
    after = done.next ?? undefined
  } while (after !== undefined)
  expect(moved).toHaveLength(MANY - 1)
  expect(taken.toSorted()).toEqual(['file 7', 'into'])
  expect(await names(client)).toEqual(['into', 'file 7'])
  await client.moveEverything('default', { directory: 'into', asOf, into: '', only: ['file 3', 'file 4'] })
  expect(await names(client)).toEqual(['into', 'file 3', 'file 4', 'file 7'])
})

test('an archive of a directory leaves out what is named', async () => {
  await using running = await run()
  const client = clientOf(running)
  await upload(client, 'in/a', 'in/sub/b', 'in/c')
  const address = new URL('/api/v1/folders/default/archive?path=in&except=sub&except=c', running.url)
  const response = await fetch(address, { headers: { authorization: `Bearer ${ADMIN_TOKEN}` } })
  const text = Buffer.from(await response.arrayBuffer()).toString('latin1')
  expect(text).toContain('PK')
  expect([text.includes('sub/'), text.includes('in/a')]).toEqual([false, true])
})
