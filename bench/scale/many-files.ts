import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCoordinator } from '../../tests/support/coordinator.ts'
import { eventually } from '../../tests/support/eventually.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startNodeUnsynced, type SyncNode } from '../../tests/support/node.ts'
import { cpuSecondsOf, residentBytesOf } from '../support/process-figures.ts'
import type { ScaleOptions } from './args.ts'
import type { ScaleFigure } from './figure.ts'
import { fillWithSmallFiles } from './small-files.ts'

const CPU_LIMIT_PERCENT = 0.3
const MEMORY_LIMIT_MB = 120
const RESCAN_LIMIT_SECONDS = 2

/** A node that carries many files: what it takes while nothing happens, and how long it looks at them again after a start. */
export async function manyFiles(
  life: Lifetime,
  scratch: string,
  options: ScaleOptions,
): Promise<readonly ScaleFigure[]> {
  const { files, idleSeconds, only } = options
  const dir = join(scratch, 'many')
  await fillWithSmallFiles(dir, files)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const firstAt = performance.now()
  const node = await startNodeUnsynced(life, { coordinator, dir, name: 'many' })
  await eventually('the files are synced', () => node.wait(900), { timeoutMs: 1_000_000, everyMs: 500 })
  const figures: ScaleFigure[] = [
    {
      name: 'first',
      what: `first sync of ${files.toLocaleString('en')} files`,
      value: (performance.now() - firstAt) / 1000,
      unit: 's',
    },
  ]
  if (only.includes('rescan')) figures.push(...(await rescan(node, files)))
  if (only.includes('idle')) {
    await sleep(10_000)
    const { pid } = node.process
    const [before, started] = [(await cpuSecondsOf(pid)) ?? Number.NaN, performance.now()]
    await sleep(idleSeconds * 1000)
    const seconds = ((await cpuSecondsOf(pid)) ?? Number.NaN) - before
    const percent = (seconds / ((performance.now() - started) / 1000)) * 100
    const memory = ((await residentBytesOf(pid)) ?? Number.NaN) / 1e6
    const name = files.toLocaleString('en')
    figures.push(
      {
        name: 'idle-cpu',
        what: `idle with ${name} files, of a core`,
        value: percent,
        unit: '%',
        limit: CPU_LIMIT_PERCENT,
      },
      {
        name: 'idle-memory',
        what: `idle with ${name} files, resident`,
        value: memory,
        unit: 'MB',
        limit: MEMORY_LIMIT_MB,
      },
    )
  }
  return figures
}

/** The node is ended and started again: it must look at every file before it can say that it is done. */
async function rescan(node: SyncNode, files: number): Promise<readonly ScaleFigure[]> {
  const startSeconds = await restart(node)
  const { pid } = node.process
  const cpu = (await cpuSecondsOf(pid)) ?? Number.NaN
  const what = `scan of ${files.toLocaleString('en')} unchanged files, with the start of the process`
  return [
    { name: 'rescan', what, value: startSeconds, unit: 's', limit: RESCAN_LIMIT_SECONDS },
    { name: 'rescan-cpu', what: `${what}, processor time`, value: cpu, unit: 's' },
  ]
}

async function restart(node: SyncNode): Promise<number> {
  await node.stop()
  const started = performance.now()
  node.up()
  await eventually('the node is idle again', () => node.wait(120), { timeoutMs: 130_000, everyMs: 20 })
  return (performance.now() - started) / 1000
}
