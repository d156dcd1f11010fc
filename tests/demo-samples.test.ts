import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FolderViewSchema, HistoryResponseSchema, NodeViewSchema, TransfersResponseSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { get } from './support/api.ts'
import { givenDemo } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { viewOf } from './support/tree.ts'

const TWO = ['--nodes', '2']

test('a new demo is given a large file with one edit, a history and a conflict, all by its own nodes', async () => {
  const { dir, start } = await givenDemo()
  const demo = start(TWO)
  await demo.printed('Done. Overview shows four things to try.')
  const [folder] = await get(demo, '/api/v1/folders', z.array(FolderViewSchema)).then((all) =>
    all.filter(({ id }) => id === 'demo'),
  )
  expect(folder?.openConflicts).toBe(1)
  await demo.printed('▲ 1 conflict in demo waits for a choice.')
  await demo.printed(`${demo.dashboard}/?view=conflicts`)

  const gauge = await get(demo, '/api/v1/folders/demo/history', HistoryResponseSchema, {
    path: 'Tides/Gauge readings.csv',
  })
  expect(gauge.versions.map(({ content }) => content.kind === 'file' && content.size)).toEqual([20_008_041, 20_008_041])
  const { transfers } = await get(demo, '/api/v1/transfers', TransfersResponseSchema, {
    entry: gauge.entry,
    direction: 'up',
  })
  expect(transfers[0]?.wireBytes).toBeLessThan(64_000)
  const [here, there] = await Promise.all(
    ['atlas', 'birch'].map((node) => readFile(join(dir, node, 'Tides/Gauge readings.csv'))),
  )
  expect(here?.equals(there ?? Buffer.alloc(0))).toBe(true)
  const plan = await get(demo, '/api/v1/folders/demo/history', HistoryResponseSchema, {
    path: 'Garden/Planting plan.md',
  })
  expect(plan.versions).toHaveLength(4)
  for (const node of ['atlas', 'birch']) {
    const pictures = Object.keys(await viewOf(dir, node)).filter((path) => /\.(jpe?g|png|svg)$/.test(path))
    expect(pictures).not.toEqual([])
  }
  await demo.stop()

  const again = start([...TWO, '--once-ready'])
  expect(await again.ended).toBe(0)
  expect(again.output).toContain('▲ 1 conflict in demo waits for a choice.')
  expect(again.output).not.toContain('sample files with a history')
})

test('a directory that holds a person’s things is given nothing', async () => {
  const { dir, start } = await givenDemo()
  await mkdir(join(dir, 'atlas'), { recursive: true })
  await writeFile(join(dir, 'atlas/mine.txt'), 'mine\n')
  const demo = start(TWO)
  await demo.printed('Causeway is running')
  await eventually('it is on the other', async () => expect(await viewOf(dir, 'birch')).toHaveProperty('mine.txt'))
  const nodes = await get(demo, '/api/v1/nodes', z.array(NodeViewSchema))
  expect(nodes.map(({ name }) => name).toSorted()).toEqual(['atlas', 'birch'])
  for (const node of ['atlas', 'birch']) expect(Object.keys(await viewOf(dir, node))).toEqual(['mine.txt'])
  expect(demo.output).not.toContain('sample files with a history')
})
