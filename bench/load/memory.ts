import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startCoordinator } from '../../tests/support/coordinator.ts'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { peakMemoryOf } from '../support/memory.ts'
import { residentBytesOf, resetPeakMemory } from '../support/process-figures.ts'
import { joinAsNode, type VirtualNode } from './virtual-node.ts'

/** What the coordinator held resident, in bytes, around one kind of work. */
export interface MemoryFigure {
  readonly what: string
  readonly before: number
  readonly peak: number
  /** Some seconds after the last answer. */
  readonly after: number
  readonly seconds: number
  readonly limit: number
}

const FILES_A_COMMIT = 1000
const FILE_BYTES = 300
const EDITED_BYTES = 3000
const REST_MS = 20_000
const MEMORY_LIMIT_BYTES = 400e6

/** One node makes many small files, then edits one file over and over; another follows. Each on a coordinator of its own. */
export async function measureMemory(work: { readonly files: number; readonly edits: number }): Promise<MemoryFigure[]> {
  const copy = await measure(`a first copy of ${work.files.toLocaleString('en')} small files`, async (node) => {
    for (let made = 0; made < work.files; made += FILES_A_COMMIT) {
      const count = Math.min(FILES_A_COMMIT, work.files - made)
      const files = Array.from({ length: count }, (_, index) => newFile(made + index))
      if (!(await node.commitFiles(files))) throw new Error('a file was refused')
    }
  })
  const edits = await measure(`${work.edits.toLocaleString('en')} edits of one file`, async (node) => {
    const edit = await node.commitEdited({ name: 'edited', bytes: randomBytes(EDITED_BYTES) })
    for (let made = 0; made < work.edits; made++) {
      if (!(await edit(randomBytes(EDITED_BYTES)))) throw new Error('an edit was refused')
    }
  })
  return [copy, edits]
}

function newFile(index: number) {
  return { name: `file ${index}`, bytes: Buffer.concat([Buffer.from(`file ${index}: `), randomBytes(FILE_BYTES)]) }
}

async function measure(what: string, work: (node: VirtualNode) => Promise<void>): Promise<MemoryFigure> {
  const life = new Lifetime()
  const scratch = await mkdtemp(join(tmpdir(), 'causeway-memory-'))
  life.add(() => rm(scratch, { recursive: true, force: true, maxRetries: 5 }))
  try {
    const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
    const token = (await readFile(join(coordinator.dataDir, 'admin.token'), 'utf8')).trim()
    const post = (path: string, body: unknown): Promise<Response> =>
      fetch(new URL(path, coordinator.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    await post('/api/v1/folders', { name: 'memory' })
    const enrolled = async (name: string): Promise<VirtualNode> => {
      const answer = await post('/api/v1/invites', { folder: 'memory' })
      const { link } = (await answer.json()) as { link: string }
      const node = await joinAsNode(link, name, undefined)
      life.add(() => node.close())
      return node
    }
    const [author, follower] = [await enrolled('author'), await enrolled('follower')]
    const acknowledging = setInterval(() => follower.socket.acknowledge(), 200)
    life.add(() => clearInterval(acknowledging))
    const { pid } = coordinator.process
    await sleep(1000)
    await resetPeakMemory(pid)
    const before = (await residentBytesOf(pid)) ?? Number.NaN
    const started = performance.now()
    await work(author)
    const seconds = (performance.now() - started) / 1000
    await sleep(REST_MS)
    const peak = (await peakMemoryOf(pid)) ?? Number.NaN
    return { what, before, peak, after: (await residentBytesOf(pid)) ?? Number.NaN, seconds, limit: MEMORY_LIMIT_BYTES }
  } finally {
    await life.end()
  }
}

export function memoryReportOf({ what, before, peak, after, seconds, limit }: MemoryFigure): string {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`
  const verdict = peak <= limit ? 'reached' : `MISSED: ${(peak / limit).toFixed(2)} ×`
  return `${what} in ${seconds.toFixed(0)} s: resident ${mb(before)} before, ${mb(peak)} at most, ${mb(after)} after (to reach: ≤ ${mb(limit)}: ${verdict})`
}
