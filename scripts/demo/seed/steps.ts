import { writeFileSync } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { bytes, plural } from '../../../apps/agent/src/cli/format.ts'
import { GAUGE, gaugeReadings, levelAt } from './gauge.ts'
import { create, edit, nodeOf, PersonWasHere, reached, stillReads, type Stage } from './stage.ts'
import { DRAFT, MEETING, PLAN } from './texts.ts'

export interface Step {
  readonly id: string
  /** What it adds, in a few words. */
  readonly what: string
  /** How many nodes it takes. */
  readonly nodes: number
  /** Does it, and returns a sentence that tells what was done. */
  run(stage: Stage): Promise<string>
}

/** What a new demo is given, in this order; each step is done by saving files in the directories of its nodes. */
export const STEPS: readonly Step[] = [
  { id: 'large-file', what: 'A large file', nodes: 1, run: addLargeFile },
  { id: 'large-edit', what: 'A small edit in it', nodes: 1, run: editLargeFile },
  { id: 'history', what: 'Files with a history', nodes: 1, run: writeHistory },
  { id: 'conflict', what: 'A conflict', nodes: 2, run: disagree },
]

const GAUGE_NODE = 0
const EDITED_ROW = GAUGE.rows / 2
const CORRECTED = '  4.321'

async function addLargeFile(stage: Stage): Promise<string> {
  const file = join(nodeOf(stage, GAUGE_NODE).dir, GAUGE.path)
  const aside = join(stage.aside, 'gauge.part')
  // It appears whole, as a file that was copied there.
  const made = await open(aside, 'w')
  try {
    for (const block of gaugeReadings()) {
      stage.signal.throwIfAborted()
      await made.writeFile(block)
    }
  } finally {
    await made.close()
  }
  if ((await sizeOf(file)) !== undefined) {
    await rm(aside)
    throw new PersonWasHere(GAUGE.path)
  }
  await mkdir(dirname(file), { recursive: true })
  const { size } = await stat(aside)
  await rename(aside, file)
  const beganMs = performance.now()
  await reached(stage, GAUGE.path, ({ deleted, content }) => !deleted && content.kind === 'file')
  const seconds = (performance.now() - beganMs) / 1000
  return `${GAUGE.path}: ${bytes(size)}, on ${plural(stage.nodes.length, 'disk')} within ${seconds.toFixed(1)} s`
}

/** One reading is corrected: seven bytes in the middle of the file. */
async function editLargeFile(stage: Stage): Promise<string> {
  const path = GAUGE.path
  const file = await open(join(nodeOf(stage, GAUGE_NODE).dir, path), 'r+').catch((cause: unknown) => {
    throw new PersonWasHere(path, { cause })
  })
  const before = await reached(stage, path, ({ deleted }) => !deleted)
  const { offset, length } = levelAt(EDITED_ROW)
  try {
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, offset)
    if (!/^ *\d+\.\d{3}$/.test(buffer.toString())) throw new PersonWasHere(path)
    await file.write(CORRECTED, offset)
  } finally {
    await file.close()
  }
  const { entry } = await reached(stage, path, ({ seq }) => seq > before.seq)
  const crossed = await crossedFor(stage, entry)
  return `one reading in it corrected, 7 bytes${crossed === undefined ? '' : `: ${bytes(crossed)} crossed to the coordinator`}`
}

/** What the newest transfer of a file to the coordinator took on the wire, in bytes. */
async function crossedFor({ client, folder }: Stage, entry: string): Promise<number | undefined> {
  const { transfers } = await client.transfers(folder, { entry, direction: 'up', limit: 1 })
  return transfers[0]?.wireBytes
}

/** Three nodes take turns with a plan, and a draft is thrown away. */
async function writeHistory(stage: Stage): Promise<string> {
  const [first = '', ...later] = PLAN.versions
  await create(stage, 1, PLAN.path, first)
  let before = first
  for (const [at, after] of later.entries()) {
    await edit(stage, 2 + at, { path: PLAN.path, before, after })
    before = after
  }
  await create(stage, 0, DRAFT.path, DRAFT.text)
  await rm(await stillReads(stage, 0, DRAFT.path, DRAFT.text))
  await reached(stage, DRAFT.path, ({ deleted }) => deleted)
  return `${PLAN.path}: ${PLAN.versions.length} versions. ${DRAFT.path}: written and deleted, and still in the history`
}

const CONFLICT_WITHIN_MS = 20_000
const LOOK_EVERY_MS = 150

/** Two nodes save the same file in the same moment: neither can have heard of the other. */
async function disagree(stage: Stage): Promise<string> {
  const { path, first, here, there } = MEETING
  await create(stage, 0, path, first)
  const files = await Promise.all([stillReads(stage, 0, path, first), stillReads(stage, 1, path, first)])
  const before = (await stage.client.folder(stage.folder)).openConflicts
  for (const [at, file] of files.entries()) writeFileSync(file, at === 0 ? here : there)
  const until = performance.now() + CONFLICT_WITHIN_MS
  while ((await stage.client.folder(stage.folder)).openConflicts <= before) {
    if (performance.now() > until) throw new Error(`no conflict came of ${path}`)
    await pause(LOOK_EVERY_MS, undefined, { signal: stage.signal })
  }
  return `${path}: saved on ${nodeOf(stage, 0).name} and on ${nodeOf(stage, 1).name} at once, so there is a conflict to resolve`
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size
}
