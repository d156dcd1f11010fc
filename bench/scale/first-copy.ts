import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCoordinator } from '../../tests/support/coordinator.ts'
import { eventually } from '../../tests/support/eventually.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startNodeUnsynced, type SyncNode } from '../../tests/support/node.ts'
import { peakMemoryOf } from '../support/memory.ts'
import { resetPeakMemory, residentBytesOf } from '../support/process-figures.ts'
import type { ScaleOptions } from './args.ts'
import type { ScaleFigure } from './figure.ts'
import { fillWithSmallFiles } from './small-files.ts'

const TIMEOUT_MS = 4 * 3_600_000
const AFTER_MS = 20_000
const COORDINATOR_LIMIT_MB = 400

type Measured = Readonly<Record<string, { readonly process: SyncNode['process'] }>>

/** Very many small files go up from one node, then down to another: how long, and how much memory each process held. */
export async function firstCopy(
  life: Lifetime,
  scratch: string,
  options: ScaleOptions,
): Promise<readonly ScaleFigure[]> {
  const dir = join(scratch, 'sender')
  await fillWithSmallFiles(dir, options.firstCopyFiles)
  const files = `${options.firstCopyFiles.toLocaleString('en')} small files`
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const sender = async () => ({ sender: await startNodeUnsynced(life, { coordinator, dir, name: 'sender' }) })
  const up = await measure(`${files} up`, { coordinator }, sender)
  const other = join(scratch, 'receiver')
  const receiver = async () => ({
    receiver: await startNodeUnsynced(life, { coordinator, dir: other, name: 'receiver' }),
  })
  const down = await measure(`${files} down`, { coordinator }, receiver)
  return [...up, ...down]
}

async function measure(
  what: string,
  running: Measured,
  start: () => Promise<Readonly<Record<string, SyncNode>>>,
): Promise<readonly ScaleFigure[]> {
  await Promise.all(Object.values(running).map((one) => resetPeakMemory(one.process.pid)))
  const started = performance.now()
  const nodes = await start()
  await Promise.all(
    Object.values(nodes).map((node) => eventually(what, () => node.wait(900), { timeoutMs: TIMEOUT_MS, everyMs: 500 })),
  )
  const seconds = (performance.now() - started) / 1000
  await sleep(AFTER_MS)
  const figures = await Promise.all(
    Object.entries({ ...running, ...nodes }).map(async ([name, one]) => {
      const limit = name === 'coordinator' ? { limit: COORDINATOR_LIMIT_MB } : {}
      const [peak, after] = [await peakMemoryOf(one.process.pid), await residentBytesOf(one.process.pid)]
      return [
        { ...memory(`${name}-peak`, `${what}: peak memory of the ${name}`, peak), ...limit },
        { ...memory(`${name}-after`, `${what}: the ${name} ${AFTER_MS / 1000} s after the end`, after), ...limit },
      ]
    }),
  )
  return [{ name: 'first-copy', what, value: seconds, unit: 's' }, ...figures.flat()]
}

function memory(name: string, what: string, bytes: number | undefined): ScaleFigure {
  return { name: `first-copy-${name}`, what, value: (bytes ?? Number.NaN) / 1e6, unit: 'MB' }
}
