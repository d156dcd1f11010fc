import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClient, type Client } from '@causeway/client'
import { expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { causeway, runCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

test('a folder that is given waits for its person to say where, and stays on the disk when it is taken away', async () => {
  const { scratch, client, ash } = await start(testLifetime())
  await client.createFolder('Photos')
  await client.upload(new Blob(['a photo']), { path: 'photo.jpg', folder: 'photos' })
  const [node] = await client.nodes()
  await client.giveFolder('photos', node?.id ?? '', 'read-write')
  await eventually('the node names the command', async () => {
    expect(await ash.cli('status')).toContain(`"causeway accept Photos DIR --state ${ash.stateDir}" accepts it`)
  })
  const directory = join(scratch, 'my photos')
  await mkdir(directory)
  await writeFile(join(directory, 'mine.txt'), 'mine')
  expect((await ash.run('accept', 'Fotos', directory)).stderr).toContain('Offered to it: Photos.')
  expect((await ash.run('accept', 'Photos')).stderr).toContain('say where Photos is to be kept')
  expect((await ash.run('accept', 'Photos', join(ash.dir, 'inside'))).stderr).toContain('are not apart')
  expect(await ash.cli('accept', 'Photos', directory)).toContain(`Photos is now kept in ${directory}`)
  await eventually('both sides are merged', async () => {
    expect(await readFile(join(directory, 'photo.jpg'), 'utf8')).toBe('a photo')
    expect(await (await client.download('photos', 'mine.txt')).text()).toBe('mine')
  })
  // Over a restart it is a folder like any other.
  await ash.stop()
  ash.up()
  await eventually('it runs again', () => ash.wait())
  expect(await ash.cli('status')).toContain('Photos idle')

  await client.takeFolderAway('photos', node?.id ?? '')
  await eventually('the node says so', async () => {
    const told = await ash.cli('status')
    expect(told).toContain('Photos is no longer synced here: it was taken away from this node')
    expect(told).toContain(directory)
  })
  await client.remove('photos', ['photo.jpg'])
  await writeFile(join(directory, 'later.txt'), 'not synced any more')
  await writeFile(ash.path('work.txt'), 'still synced')
  await ash.wait()
  expect((await readdir(directory)).filter((name) => name !== '.causeway').toSorted()).toEqual([
    'later.txt',
    'mine.txt',
    'photo.jpg',
  ])
  await expect(client.download('photos', 'later.txt')).rejects.toMatchObject({ code: 'not-found' })
  expect(await (await client.download('work', 'work.txt')).text()).toBe('still synced')

  // Given again, it is asked for again, and nothing is deleted by what was known before.
  await client.giveFolder('photos', node?.id ?? '', 'read-write')
  await eventually('it is offered again', async () => expect(await ash.cli('status')).toContain(`before: ${directory}`))
  await ash.cli('accept', 'Photos')
  await eventually('both sides are merged again', async () => {
    expect(await (await client.download('photos', 'later.txt')).text()).toBe('not synced any more')
    expect(await (await client.download('photos', 'photo.jpg')).text()).toBe('a photo')
  })
})

test('one link joins a machine to several folders, each in a directory of its own, and a restart keeps all', async () => {
  const life = testLifetime()
  const { scratch, client, coordinator, ash } = await start(life)
  await writeFile(ash.path('letter.txt'), 'a letter')
  await client.createFolder('Photos')
  await client.upload(new Blob(['a photo']), { path: 'photo.jpg', folder: 'photos' })
  await ash.wait()
  const invite = ['invite', '--data', coordinator.dataDir, '--folder', 'work', '--folder', 'Photos']
  const link = (await causeway([...invite, '--folder', 'Music', '--create'])).trim()
  expect(link).toMatch(/&folder=work&folder=photos&folder=music$/)
  const joinBy = (...args: string[]) => runCauseway(['join', link, '--state', join(scratch, 'birch.state'), ...args])
  // Nothing of this uses the link up.
  expect((await joinBy('--once', `work=${scratch}/w`)).stderr).toContain('photos=DIR music=DIR')
  expect((await joinBy('--once', `work=${scratch}/w`, `photos=${scratch}/w/p`, scratch)).stderr).toContain(
    'are not apart',
  )
  const done = await joinBy('--name', 'birch', '--once', `work=${scratch}/letters`, `${scratch}/birch`)
  expect(done).toMatchObject({ code: 0 })
  expect(done.stdout).toContain(`joined Photos as birch-`)
  expect(await readFile(join(scratch, 'letters', 'letter.txt'), 'utf8')).toBe('a letter')
  expect(await readFile(join(scratch, 'birch', 'photos', 'photo.jpg'), 'utf8')).toBe('a photo')
  expect((await readdir(join(scratch, 'birch'))).toSorted()).toEqual(['music', 'photos'])
  await writeFile(join(scratch, 'birch', 'music', 'song'), 'la')
  expect(await runCauseway(['up', '--once', '--state', join(scratch, 'birch.state')])).toMatchObject({ code: 0 })
  expect(await (await client.download('music', 'song')).text()).toBe('la')
  expect((await joinBy('--once', scratch)).stderr).toContain('this node keeps the folder work in')
})

test('a declined folder waits on its node no longer, and is offered again when it is given again', async () => {
  const { scratch, client, ash } = await start(testLifetime())
  await client.createFolder('Photos')
  const [node] = await client.nodes()
  const id = node?.id ?? ''
  await client.giveFolder('photos', id, 'read-write')
  await eventually('it is offered', async () => {
    expect(await ash.cli('status')).toContain(`"causeway decline Photos --state ${ash.stateDir}" declines it`)
  })
  expect((await ash.run('decline', 'Fotos')).stderr).toContain('Offered to it: Photos.')
  expect(await ash.cli('decline', 'Photos')).toContain('Photos is declined')
  expect(await ash.cli('status')).not.toContain('Photos')
  expect((await client.node(id)).offers).toMatchObject([{ folder: 'photos', declined: true }])
  expect((await ash.run('accept', 'Photos', join(scratch, 'p'))).stderr).toContain('Nothing is offered to it.')
  // Over a restart it stays declined.
  await ash.stop()
  expect((await ash.run('decline', 'Photos')).stderr).toContain('then decline the folder in another terminal')
  ash.up()
  await eventually('it runs again', () => ash.wait())
  expect(await ash.cli('status')).not.toContain('Photos')

  await client.giveFolder('photos', id, 'read-write')
  await eventually('it is offered again', async () => expect(await ash.cli('status')).toContain('accept Photos DIR'))
  await ash.cli('accept', 'Photos', join(scratch, 'photos'))
  await eventually('it carries it', async () => {
    expect((await client.node(id)).folders.map(({ folder }) => folder)).toContain('photos')
  })
})

test('a node that was given a root takes folders below it by itself, but nothing that holds something', async () => {
  const { scratch, client, ash } = await start(testLifetime())
  const root = join(scratch, 'given')
  await mkdir(join(root, 'Music'), { recursive: true })
  await writeFile(join(root, 'Music', 'song'), 'la')
  await ash.stop()
  ash.up({ args: ['--accept-into', root] })
  await ash.wait()
  const [node] = await client.nodes()
  for (const name of ['Photos', 'Music']) {
    const { id } = await client.createFolder(name)
    await client.upload(new Blob([name]), { path: 'a.txt', folder: id })
    await client.giveFolder(id, node?.id ?? '', 'read-write')
  }
  await eventually('the new one is taken', async () => {
    expect(await readFile(join(root, 'Photos', 'a.txt'), 'utf8')).toBe('Photos')
  })
  await eventually('the other one is asked for', async () => {
    expect(await ash.cli('status')).toContain(
      `not accepted automatically: ${join(root, 'Music')} holds something already`,
    )
  })
  expect(await readdir(join(root, 'Music'))).toEqual(['song'])
})

test('a removed folder is synced nowhere until it comes back, and then goes on where it was, also on a node that was away', async () => {
  const life = testLifetime()
  const { scratch, client, coordinator, ash } = await start(life)
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  await writeFile(ash.path('kept.txt'), 'kept')
  await ash.wait()
  await birch.wait()
  await birch.stop()
  await client.removeFolder('work')
  birch.up()
  for (const node of [ash, birch]) {
    await eventually('it is said on both', async () => {
      expect(await node.cli('status')).toContain('work is no longer synced here: the folder was removed')
    })
  }
  await writeFile(ash.path('meanwhile.txt'), 'written while it was removed')
  expect(await birch.view()).toEqual({ 'kept.txt': 'kept' })

  await client.restoreFolder('work')
  await eventually('it goes on', async () => {
    expect(await birch.view()).toEqual({ 'kept.txt': 'kept', 'meanwhile.txt': 'written while it was removed' })
  })
  await ash.wait()
  expect(await ash.view()).toEqual(await birch.view())
})

async function start(
  life: Lifetime,
): Promise<{ scratch: string; coordinator: Coordinator; client: Client; ash: SyncNode }> {
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  const token = (await readFile(join(coordinator.dataDir, 'admin.token'), 'utf8')).trim()
  return { scratch, coordinator, ash, client: createClient({ url: coordinator.url, token }) }
}
