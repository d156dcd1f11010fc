import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../../tests/support/eventually.ts'
import { Random } from '../../../tests/support/random.ts'
import { arrivalOf } from '../../support/arrival.ts'
import { isThere } from '../data/npm-pack.ts'
import type { Tool } from '../tools/tool.ts'

const SAVE_BYTES = 2048
const DIRECTORY = 'work/saves'

/** Brings the directory of the saves to both hosts, with a first few: cold code is not what a person meets all day. */
export async function warmSaves(tool: Tool): Promise<void> {
  await mkdir(join(tool.rootA, DIRECTORY), { recursive: true })
  for (let i = 0; i < (tool.carry === undefined ? 10 : 1); i++) {
    await writeFile(join(tool.rootA, DIRECTORY, `warm-${i}`), `warm ${i}`)
    await tool.carry?.({ deletes: false })
    await eventually(
      'the first saves are there',
      async () => {
        if (!(await isThere(join(tool.rootB, DIRECTORY, `warm-${i}`)))) throw new Error('not yet')
      },
      { everyMs: 20 },
    )
  }
}

/**
 * Milliseconds from just before each save to the system's notice that the file
 * with those bytes is there; for tools that run on demand, a run right after
 * the save. Every second save makes a new file, the others edit one. The
 * pauses are random: no lock step with any timer.
 */
export async function timeSaves(tool: Tool, saves: number, seed: number): Promise<readonly number[]> {
  const random = new Random(seed)
  const [from, to] = [join(tool.rootA, DIRECTORY), join(tool.rootB, DIRECTORY)]
  const latenciesMs: number[] = []
  for (let i = 0; i < saves; i++) {
    await sleep(20 + random.below(60))
    const name = `note-${seed}-${i % 2 === 0 ? i : i - 1}`
    // An edit within the same second must show in its size: tools that look for changes go by that.
    const bytes = random.bytes(SAVE_BYTES + (i % 2))
    const arrival = tool.carry === undefined ? arrivalOf(to, name, bytes, 60_000) : undefined
    const started = performance.now()
    await writeFile(join(from, name), bytes)
    await tool.carry?.({ deletes: false })
    latenciesMs.push((arrival === undefined ? performance.now() : await arrival) - started)
  }
  return latenciesMs
}
