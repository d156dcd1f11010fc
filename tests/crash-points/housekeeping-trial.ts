import { spawn } from 'node:child_process'
import { appendFile, cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startCoordinator } from '../support/coordinator.ts'
import type { Lifetime } from '../support/lifetime.ts'
import { startNode } from '../support/node.ts'
import { environment } from '../support/processes.ts'
import { Random } from '../support/random.ts'
import { treeOf } from '../support/tree.ts'
import { untilDone } from './in-step.ts'
import { contentsNotKept, versionsNotReadable } from './kept-contents.ts'
import { lastCall, type Point } from './point.ts'
import { counting, killingAt, readTrace, TRACEABLE } from './strace.ts'
import type { Outcome, Trial } from './trial.ts'

const FOLDER = 'work'
const PACKS = 4
const FILES = 8
const HOUSEKEEPING = join(import.meta.dirname, 'housekeeping-process.ts')

/** The daily round dies: old versions dropped, chunks and manifests collected, packs rewritten and removed. */
export async function openHousekeepingTrial(life: Lifetime, scratch: string): Promise<Trial> {
  const template = join(scratch, 'template')
  const current = await makeTemplate(life, scratch, template)
  const data = join(scratch, 'data')
  const trace = join(scratch, 'trace')

  async function housekeep(through: readonly string[]): Promise<boolean> {
    const [program, ...rest] = [...through, process.execPath, HOUSEKEEPING, data]
    const child = spawn(program, rest, { env: environment(TRACEABLE), stdio: ['ignore', 'ignore', 'pipe'] })
    let printed = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text))
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (code !== null && code !== 0) throw new Error(`the housekeeping ended with ${code}: ${printed}`)
    return code === null
  }

  async function restore(): Promise<void> {
    await rm(data, { recursive: true, force: true })
    await cp(template, data, { recursive: true })
  }

  async function count(): Promise<string> {
    await restore()
    await housekeep(counting(trace))
    return readTrace(trace)
  }

  async function attempt(point: Point): Promise<Outcome> {
    await restore()
    const isDead = await housekeep(killingAt(point, trace))
    const met = isDead ? lastCall(await readTrace(trace)) : undefined
    await housekeep([])
    const coordinator = await startCoordinator(life, { dataDir: data })
    try {
      const request = { folder: FOLDER, after: 0 }
      const lost = await contentsNotKept(coordinator, request, [current])
      return { met, faults: [...lost, ...(await versionsNotReadable(coordinator, request))] }
    } finally {
      await coordinator.kill9()
    }
  }

  return { count, attempt }
}

/** A stopped coordinator whose packs each hold some contents that are current and more that are not. Returns what is current. */
async function makeTemplate(
  life: Lifetime,
  scratch: string,
  dataDir: string,
): Promise<Awaited<ReturnType<typeof treeOf>>> {
  const coordinator = await startCoordinator(life, { dataDir })
  const ash = await startNode(life, { coordinator, folder: FOLDER, name: 'ash', dir: join(scratch, 'ash') })
  for (let pack = 0; pack < PACKS; pack++) {
    if (pack > 0) {
      await coordinator.stop()
      await tearLastPack(dataDir)
      await coordinator.start()
    }
    // The first file of each pack stays as it is from then on; the others are written again and again.
    const names = [`stays-${pack}`, ...Array.from({ length: FILES }, (_, i) => `changes-${i}`)]
    for (const [i, name] of names.entries()) {
      await writeFile(ash.path(name), new Random(pack * 100 + i).bytes(70_000 + i))
    }
    await untilDone(ash)
  }
  const tree = await treeOf(ash.dir)
  await ash.stop()
  await coordinator.stop()
  return tree
}

/** As a cut that came in the middle of a record: what is kept next goes to a pack of its own. */
async function tearLastPack(dataDir: string): Promise<void> {
  const packs = join(dataDir, 'packs')
  const last = (await readdir(packs))
    .filter((name) => name !== 'lock')
    .sort()
    .at(-1)
  if (last !== undefined) await appendFile(join(packs, last), 'torn')
}
