import { mkdir, rm, unlink, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

test('removing more than half of a folder, 20 entries or more, waits for a person; what else happens is synced', async () => {
  const { ash, birch, nodes } = fleet()
  for (let i = 0; i < 40; i++) await writeFile(ash.path(`file-${i}`), `content ${i}`)
  await converged(nodes)
  for (let i = 0; i < 30; i++) await unlink(ash.path(`file-${i}`))
  await eventually('the node is halted', async () => expect((await ash.status()).state).toBe('halted'))

  await writeFile(birch.path('file-40'), 'meanwhile')
  await birch.wait()
  expect(Object.keys(await birch.view())).toHaveLength(41)

  await ash.cli('resume', 'work')
  const left = [...Array.from({ length: 10 }, (_, i) => i + 30), 40]
  const expected = Object.fromEntries(left.map((i) => [`file-${i}`, i === 40 ? 'meanwhile' : `content ${i}`]))
  await expectEverywhere(fleet(), '', expected)
})

test('what was removed comes back at a word, and nothing is deleted anywhere; what else was changed stays', async () => {
  const { ash, birch, nodes } = fleet()
  await mkdir(ash.path('photos'))
  for (let i = 0; i < 60; i++) await writeFile(ash.path(`photos/${i}`), `photo ${i}`)
  await writeFile(ash.path('note'), 'one')
  await converged(nodes)
  await rm(ash.path('photos'), { recursive: true })
  await writeFile(ash.path('note'), 'two')
  await eventually('the node is halted', async () => expect((await ash.status()).state).toBe('halted'))
  expect((await ash.status()).halted).toMatchObject({
    removed: 61,
    held: { from: 'here', files: 60, directories: [{ path: 'photos', whole: true, files: 60 }] },
  })

  expect(await ash.cli('resume', 'work', '--put-back')).toMatch(/^work resumes: 60 files \(.+\) come back to this node/)
  await eventually('the node goes on', async () => expect((await ash.status()).state).toBe('idle'))
  const tree = await converged(nodes)
  expect([...tree.keys()].filter((path) => path.startsWith('photos/'))).toHaveLength(60)
  expect((await birch.view())['note']).toBe('two')
  expect(await ash.cli('resume', 'work')).toContain('work is not halted')
  for (let i = 0; i < 60; i++) await unlink(ash.path(`photos/${i}`))
  await eventually('a later accident waits again', async () => expect((await ash.status()).state).toBe('halted'))
  await ash.cli('resume', 'work')
  await converged(nodes)
})

test('a halt survives a restart of the node', async () => {
  const { ash, cedar, nodes } = fleet()
  await mkdir(cedar.path('again'))
  for (let i = 0; i < 60; i++) await writeFile(cedar.path(`again/${i}`), `content ${i}`)
  await converged(nodes)
  await rm(cedar.path('again'), { recursive: true })
  await eventually('the node is halted', async () => expect((await cedar.status()).state).toBe('halted'))
  await cedar.kill9()
  cedar.up()
  await eventually('the node is halted again', async () => expect((await cedar.status()).state).toBe('halted'))
  expect(Object.keys(await ash.view('again'))).toHaveLength(60)

  await cedar.cli('resume', 'work')
  await eventually('the removal is done', async () => expect(Object.keys(await ash.view())).not.toContain('again/0'))
  await converged(nodes)
})

test('fewer than 20 entries go without a question, whatever their share', async () => {
  const { birch, nodes } = fleet()
  await mkdir(birch.path('few'))
  for (let i = 0; i < 18; i++) await writeFile(birch.path(`few/${i}`), `content ${i}`)
  await converged(nodes)
  // 18 files and their directory, of a folder that holds little else.
  const names = ['few', ...Array.from({ length: 18 }, (_, i) => `few/${i}`)]
  await rm(birch.path('few'), { recursive: true })
  await converged(nodes)
  for (const node of nodes) {
    const left = Object.keys(await node.view())
    expect(names.filter((name) => left.includes(name))).toEqual([])
  }
})
