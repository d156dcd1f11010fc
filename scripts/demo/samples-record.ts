import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** What a demo's directory was given to begin with: kept, so that a start that was broken off is gone on with. */
const RecordSchema = z.object({
  /** How many nodes the first start had: only they bring samples. */
  nodes: z.int().min(0),
  /** The steps of the seeding that are done. */
  done: z.array(z.string()),
})
export type SamplesRecord = z.infer<typeof RecordSchema>

/** Nobody's files: what a file manager leaves when a directory was looked at. */
const LITTER = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini'])

/** True if nothing is there yet, but for what a start left that the disk refused. To be asked before anything is written. */
export async function isFresh(dir: string): Promise<boolean> {
  try {
    const names = (await readdir(dir)).filter((name) => !LITTER.has(name))
    return names.every((name) => name === 'state') && (names.length === 0 || (await isEmpty(join(dir, 'state'))))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return true
    throw error
  }
}

async function isEmpty(dir: string): Promise<boolean> {
  return (await readdir(dir)).length === 0
}

/** `undefined` for a directory that is given nothing: it held something already, or nothing was wanted. */
export async function readSamplesRecord(dir: string): Promise<SamplesRecord | undefined> {
  try {
    return RecordSchema.parse(JSON.parse(await readFile(pathIn(dir), 'utf8')))
  } catch {
    return undefined
  }
}

export async function writeSamplesRecord(dir: string, record: SamplesRecord): Promise<void> {
  await mkdir(join(dir, 'state'), { recursive: true })
  try {
    await writeFile(pathIn(dir), `${JSON.stringify(record)}\n`)
  } catch (error) {
    // One that is not whole would read as none for ever.
    await rm(pathIn(dir), { force: true })
    throw error
  }
}

function pathIn(dir: string): string {
  return join(dir, 'state', 'samples.json')
}
