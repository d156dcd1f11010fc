import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCoordinator } from '../../tests/support/coordinator.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startNode } from '../../tests/support/node.ts'
import { peakMemoryOf } from '../support/memory.ts'
import { resetPeakMemory } from '../support/process-figures.ts'
import type { ScaleOptions } from './args.ts'
import type { ScaleFigure } from './figure.ts'

const TIMEOUT_MS = 3_600_000

/** A huge file that is nearly all holes goes from one node to another: how long, and the most memory that each process held. */
export async function sparse(life: Lifetime, scratch: string, options: ScaleOptions): Promise<readonly ScaleFigure[]> {
  const bytes = options.sparseGigabytes * 1e9
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const sender = await startNode(life, { coordinator, dir: join(scratch, 'sender'), name: 'sender' })
  const receiver = await startNode(life, { coordinator, dir: join(scratch, 'receiver'), name: 'receiver' })
  const processes = { coordinator, sender, receiver }
  await Promise.all(Object.values(processes).map((one) => resetPeakMemory(one.process.pid)))
  const started = performance.now()
  const file = await open(sender.path('sparse.bin'), 'w')
  await file.truncate(bytes)
  await file.write(Buffer.from('the end'), 0, 7, bytes - 7)
  await file.close()
  while ((await stat(receiver.path('sparse.bin')).catch(() => undefined))?.size !== bytes) {
    if (performance.now() - started > TIMEOUT_MS) throw new Error('the sparse file did not arrive')
    await sleep(100)
  }
  const seconds = (performance.now() - started) / 1000
  const { blocks } = await stat(receiver.path('sparse.bin'))
  const what = `sparse file of ${options.sparseGigabytes} GB`
  const peaks = await Promise.all(
    Object.entries(processes).map(async ([name, one]): Promise<ScaleFigure> => {
      const peak = ((await peakMemoryOf(one.process.pid)) ?? Number.NaN) / 1e6
      return { name: `sparse-${name}`, what: `${what}: peak memory of the ${name}`, value: peak, unit: 'MB' }
    }),
  )
  return [
    { name: 'sparse', what: `${what}, to the other node`, value: seconds, unit: 's' },
    ...peaks,
    {
      name: 'sparse-disk',
      what: `${what}: what it takes on the receiver's disk`,
      value: (blocks * 512) / 1e6,
      unit: 'MB',
    },
  ]
}
