import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { causeway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

const MB = 1_000_000

test('a file over the quota is named at its node and delays nobody; with a higher limit it is sent at once', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  const elsewhere = { coordinator, folder: 'elsewhere' }
  const cedar = await startNode(life, { ...elsewhere, dir: join(scratch, 'cedar'), name: 'cedar' })
  const dogwood = await startNode(life, { ...elsewhere, dir: join(scratch, 'dogwood'), name: 'dogwood' })
  const quota = (...args: string[]) => causeway(['quota', 'work', ...args, '--data', coordinator.dataDir])

  await writeFile(ash.path('gone'), Buffer.alloc(MB, 'gone'))
  await converged([ash, birch])
  expect(await quota('2000000')).toContain('work holds 1.0 MB and may hold 2.0 MB: 1.0 MB are left')
  await writeFile(join(scratch, 'film'), Buffer.alloc(3 * MB, 'film'))
  await rename(join(scratch, 'film'), ash.path('film'))
  await eventually('the file is named', async () => {
    const { state, problems } = await ash.status()
    expect(state).not.toBe('halted')
    expect(problems).toMatchObject([{ path: 'film', code: 'over-quota' }])
    expect(problems[0]?.message).toContain('may hold 2.0 MB and holds 1.0 MB: 3.0 MB more do not fit')
  })

  await Promise.all([ash, birch, cedar].map((node) => writeFile(node.path(`of ${node.name}`), node.name)))
  await rm(ash.path('gone'))
  await eventually('all else arrives', async () => {
    expect(await birch.view()).toEqual({ 'of ash': 'ash', 'of birch': 'birch' })
    expect(Object.keys(await ash.view())).toEqual(['film', 'of ash', 'of birch'])
    expect(await dogwood.view()).toEqual({ 'of cedar': 'cedar' })
  })
  expect((await ash.status()).problems).toHaveLength(1)

  expect(await quota('off')).toContain('it has no limit')
  expect([...(await converged([ash, birch])).keys()].sort()).toEqual(['film', 'of ash', 'of birch'])
  expect((await ash.status()).problems).toEqual([])
})

test('a node that sent all it may a day names what waits, and no other node waits; with a higher limit it is sent', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const ash = await startNode(life, { coordinator, dir: join(scratch, 'ash'), name: 'ash' })
  const birch = await startNode(life, { coordinator, dir: join(scratch, 'birch'), name: 'birch' })
  const quota = (...args: string[]) => causeway(['quota', '--node', 'ash', ...args, '--data', coordinator.dataDir])

  expect(await quota()).toContain('ash may send as much as it likes')
  expect(await quota('2000000')).toContain(
    'ash may send 2.0 MB a day and sent 0 B in the last 24 hours: 2.0 MB are left',
  )
  await writeFile(join(scratch, 'first'), Buffer.alloc(1.5 * MB, 'first'))
  await rename(join(scratch, 'first'), ash.path('first'))
  await converged([ash, birch])
  // Sent again is sent again: deleting it gives nothing back.
  await rm(ash.path('first'))
  await converged([ash, birch])
  await writeFile(join(scratch, 'second'), Buffer.alloc(MB, 'second'))
  await rename(join(scratch, 'second'), ash.path('second'))
  await eventually('the file is named', async () => {
    const { state, problems } = await ash.status()
    expect(state).not.toBe('halted')
    expect(problems).toMatchObject([{ path: 'second', code: 'over-quota' }])
    expect(problems[0]?.message).toContain('ash may send 2.0 MB a day and sent 1.5 MB in the last 24 hours')
  })

  await writeFile(birch.path('of birch'), Buffer.alloc(3 * MB, 'birch'))
  await eventually('all else arrives', async () => {
    expect(Object.keys(await ash.view())).toEqual(['of birch', 'second'])
    expect(Object.keys(await birch.view())).toEqual(['of birch'])
  })

  expect(await quota('5M')).toContain('sent 1.5 MB in the last 24 hours')
  expect([...(await converged([ash, birch])).keys()].sort()).toEqual(['of birch', 'second'])
  expect((await ash.status()).problems).toEqual([])
})
