import { join } from 'node:path'
import type { Client } from '@causeway/client'
import { FOLDER, type Fleet } from '../fleet.ts'
import type { DemoOptions } from '../options.ts'
import { readSamplesRecord, writeSamplesRecord } from '../samples-record.ts'
import { PersonWasHere, type Stage } from './stage.ts'
import { STEPS } from './steps.ts'

export interface Seeding {
  readonly options: DemoOptions
  readonly fleet: Fleet
  readonly client: Client
  readonly print: (line: string) => void
  readonly signal: AbortSignal
}

/**
 * Gives a new demo something to look at, by saving files in the directories of its nodes while they run. Goes on where
 * it was broken off. A file that a person has changed meanwhile stays as it is. Never rejects: the demo runs without it.
 */
export async function seed({ options, fleet, client, print, signal }: Seeding): Promise<void> {
  const record = await readSamplesRecord(options.dir)
  if (record === undefined) return
  const due = STEPS.filter(({ id, nodes }) => !record.done.includes(id) && nodes <= fleet.nodes.length)
  if (due.length === 0) return
  const stage: Stage = { nodes: fleet.nodes, client, folder: FOLDER, aside: join(options.dir, 'state'), signal }
  const done = [...record.done]
  print('Adding sample files with a history (npm start -- --no-samples skips this) …')
  for (const [at, { id, what, run }] of due.entries()) {
    const step = `  ${at + 1} of ${due.length}`
    try {
      print(`${step}  ✓ ${await run(stage)}`)
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof PersonWasHere)) {
        const why = error instanceof Error ? error.message : String(error)
        print(`${step}  ▲ ${what} could not be added: ${why}. The next npm start tries again.`)
        return
      }
      print(`${step}  ${what}: skipped, ${error.message} is yours now.`)
    }
    done.push(id)
    await writeSamplesRecord(options.dir, { ...record, done }).catch(() => undefined)
  }
  print('Done. Overview shows four things to try.')
}
