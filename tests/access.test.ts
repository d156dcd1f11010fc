import { unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode, startNodeUnsynced, type SyncNode } from './support/node.ts'
import { runCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

test('a receive-only node takes everything and changes nothing elsewhere', async () => {
  const life = testLifetime()
  const { writer, start } = await startWriter(life)
  const reader = await start('reader', 'receive-only')
  await writeFile(writer.path('note.txt'), 'by the writer')
  await writeFile(writer.path('other.txt'), 'other')
  await eventually('the reader has both', async () => {
    expect(await reader.view()).toEqual({ 'note.txt': 'by the writer', 'other.txt': 'other' })
  })

  await writeFile(reader.path('own.txt'), 'made by the reader')
  await writeFile(reader.path('note.txt'), 'edited by the reader')
  await unlink(reader.path('other.txt'))
  await writeFile(writer.path('next.txt'), 'next')
  await eventually('the reader goes on receiving', async () => {
    expect((await reader.view())['next.txt']).toBe('next')
  })
  expect(await writer.view()).toEqual({ 'note.txt': 'by the writer', 'other.txt': 'other', 'next.txt': 'next' })
  // What a person wrote there is not thrown away either.
  expect(Object.values(await reader.view())).toEqual(
    expect.arrayContaining(['made by the reader', 'edited by the reader']),
  )
})

test('a send-only node gives everything and takes nothing', async () => {
  const life = testLifetime()
  const { writer, start } = await startWriter(life)
  await writeFile(writer.path('earlier.txt'), 'earlier')
  await writer.wait()
  const camera = await start('camera', 'send-only')
  await writeFile(camera.path('photo.jpg'), 'a photo')
  await eventually('the photo has arrived', async () => {
    expect(await writer.view()).toEqual({ 'earlier.txt': 'earlier', 'photo.jpg': 'a photo' })
  })
  await writeFile(writer.path('later.txt'), 'later')
  await writer.wait()
  await camera.wait()
  expect(await camera.view()).toEqual({ 'photo.jpg': 'a photo' })
})

test('a join link works once', async () => {
  const life = testLifetime()
  const { coordinator, scratch } = await startWriter(life)
  const link = await coordinator.invite({ folder: 'work' })
  await startNode(life, { coordinator, dir: join(scratch, 'first'), name: 'first', link })
  const second = await startNodeUnsynced(life, { coordinator, dir: join(scratch, 'second'), name: 'second', link })
  expect((await second.process.finished).code).toBe(1)
  expect(second.process.stderr).toContain('invite-invalid')
})

test('three links for a folder that is not there yet, asked for at once, are for one folder', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const links = await Promise.all([1, 2, 3].map(() => coordinator.invite({ folder: 'new' })))
  expect(new Set(links).size).toBe(3)
})

test('an invite to a folder that is not there is refused with the names there are, and makes none', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const invite = (...args: string[]) => runCauseway(['invite', '--data', coordinator.dataDir, ...args])
  const none = await invite()
  expect({ code: none.code, said: none.stderr }).toEqual({
    code: 1,
    said: expect.stringContaining('There is no folder yet'),
  })
  await coordinator.invite({ folder: 'Photos' })
  const slip = await invite('--folder', 'Fotos')
  expect(slip.code).toBe(1)
  expect(slip.stderr).toContain('there is no folder named Fotos. There is: Photos.')
  expect(slip.stderr).toContain("--folder 'Fotos' --create")
  expect((await invite('--folder', 'Fotos')).code).toBe(1)
  // The only one is meant where none is named.
  expect((await invite()).stdout).toContain('photos')
})

async function startWriter(life: Lifetime): Promise<{
  scratch: string
  coordinator: Coordinator
  writer: SyncNode
  start: (name: string, access: 'receive-only' | 'send-only') => Promise<SyncNode>
}> {
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const writer = await startNode(life, { coordinator, dir: join(scratch, 'writer'), name: 'writer' })
  const start = (name: string, access: 'receive-only' | 'send-only') =>
    startNode(life, { coordinator, dir: join(scratch, name), name, access })
  return { scratch, coordinator, writer, start }
}
