import { mkdir, rename, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, startFleet, type Fleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'

const RULES = '# build output\nbuild/\n*.tmp\n!kept.tmp\n/only-here\n'

test('what .causewayignore names is not synced; the file itself is, and holds on every node', async () => {
  const { ash, birch, cedar, nodes } = await startFleet(testLifetime())
  // In place at once: rules that are seen half-written hold for that moment.
  await writeFile(`${ash.path('.')}.rules`, RULES)
  await rename(`${ash.path('.')}.rules`, ash.path('.causewayignore'))
  await mkdir(ash.path('build/deep'), { recursive: true })
  await mkdir(ash.path('sub'))
  for (const path of [
    'build/deep/out.js',
    'a.tmp',
    'kept.tmp',
    'only-here',
    'sub/only-here',
    'sub/b.tmp',
    'plain.txt',
  ]) {
    await writeFile(ash.path(path), path)
  }
  await converged([birch, cedar])
  const expected = {
    '.causewayignore': RULES,
    'kept.tmp': 'kept.tmp',
    'plain.txt': 'plain.txt',
    'sub/only-here': 'sub/only-here',
  }
  await expectView({ nodes: [birch, cedar] }, expected)

  await writeFile(birch.path('from-birch.tmp'), 'ignored here as well')
  await writeFile(birch.path('from-birch.txt'), 'synced')
  await eventually('the next file has arrived', async () => {
    expect(Object.keys(await cedar.view())).toContain('from-birch.txt')
  })
  expect(Object.keys(await cedar.view())).not.toContain('from-birch.tmp')
  expect(Object.keys(await ash.view())).toContain('a.tmp')
  expect(nodes).toHaveLength(3)
})

test('ignoring a file that is synced already deletes it nowhere; naming it no longer syncs it again', async () => {
  const { ash, birch, cedar, nodes } = await startFleet(testLifetime())
  await writeFile(ash.path('notes.txt'), 'first')
  await converged(nodes)
  await writeFile(ash.path('.causewayignore'), 'notes.txt\n')
  await converged(nodes)
  for (const node of nodes) expect((await node.view())['notes.txt']).toBe('first')

  await writeFile(birch.path('notes.txt'), 'edited while ignored')
  await birch.wait()
  expect((await cedar.view())['notes.txt']).toBe('first')

  await writeFile(cedar.path('.causewayignore'), '')
  await eventually('the edit arrives', async () => {
    for (const node of nodes) expect((await node.view())['notes.txt']).toBe('edited while ignored')
  })
})

test('the litter of operating systems is not synced', async () => {
  const { ash, birch } = await startFleet(testLifetime())
  for (const name of ['.DS_Store', 'Thumbs.db', 'desktop.ini', 'real.txt']) await writeFile(ash.path(name), name)
  await eventually('the real file is there', async () => expect((await birch.view())['real.txt']).toBe('real.txt'))
  await ash.wait()
  await birch.wait()
  expect(await birch.view()).toEqual({ 'real.txt': 'real.txt' })
})

async function expectView({ nodes }: Pick<Fleet, 'nodes'>, expected: Readonly<Record<string, string>>): Promise<void> {
  for (const node of nodes)
    await eventually(`${node.name} shows it`, async () => expect(await node.view()).toEqual(expected))
}
