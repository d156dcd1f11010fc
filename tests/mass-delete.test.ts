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
