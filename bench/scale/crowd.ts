import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCoordinator } from '../../tests/support/coordinator.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startNode, type SyncNode } from '../../tests/support/node.ts'
import { writeRandomFile } from '../../tests/support/random.ts'
import { sha256Of } from '../../tests/support/tree.ts'
import { peakMemoryOf } from '../support/memory.ts'
import { residentBytesOf, resetPeakMemory } from '../support/process-figures.ts'
import type { ScaleOptions } from './args.ts'
import type { ScaleFigure } from './figure.ts'

const TIMEOUT_MS = 900_000

/** Many nodes take one new large file at once: the first and the last of them, and what the coordinator held for it. */
export async function crowd(life: Lifetime, scratch: string, options: ScaleOptions): Promise<readonly ScaleFigure[]> {
  const { nodes: count, crowdMegabytes } = options
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const sender = await startNode(life, { coordinator, dir: join(scratch, 'sender'), name: 'sender' })
  const receivers: SyncNode[] = []
  for (let i = 0; i < count; i++) {
    receivers.push(await startNode(life, { coordinator, dir: join(scratch, `receiver-${i}`), name: `receiver-${i}` }))
  }
  const bytes = crowdMegabytes * 1e6
  await writeRandomFile(join(scratch, 'staged'), bytes, 9)
  const { pid } = coordinator.process
  await resetPeakMemory(pid)
  const before = ((await residentBytesOf(pid)) ?? Number.NaN) / 1e6
  const started = performance.now()
  await rename(join(scratch, 'staged'), sender.path('crowd.bin'))
  const seconds = await Promise.all(receivers.map((node) => arrival(node.path('crowd.bin'), bytes, started)))
  const peak = ((await peakMemoryOf(pid)) ?? Number.NaN) / 1e6
  const hash = await sha256Of(sender.path('crowd.bin'))
  for (const node of receivers) {
    if ((await sha256Of(node.path('crowd.bin'))) !== hash) throw new Error(`${node.name} holds other bytes`)
  }
  const what = `${count} nodes take one new file of ${crowdMegabytes} MB`
  return [
    { name: 'crowd-first', what: `${what}: the first has it`, value: Math.min(...seconds), unit: 's' },
    { name: 'crowd-last', what: `${what}: the last has it`, value: Math.max(...seconds), unit: 's' },
    { name: 'crowd-before', what: 'coordinator, resident before', value: before, unit: 'MB' },
    { name: 'crowd-peak', what: 'coordinator, peak meanwhile', value: peak, unit: 'MB' },
  ]
}

async function arrival(path: string, bytes: number, started: number): Promise<number> {
  while ((await stat(path).catch(() => undefined))?.size !== bytes) {
    if (performance.now() - started > TIMEOUT_MS) throw new Error(`${path} did not arrive`)
    await sleep(25)
  }
  return (performance.now() - started) / 1000
}
