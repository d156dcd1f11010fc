import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a database at its start needs at least. */
const PROBE_BYTES = 64 * 1024

/**
 * What the disk refuses now: the error of writing a small file, `undefined` where one can be written. A database says
 * of a full disk no more than that a read or a write failed, so this is asked of the disk itself.
 */
export async function probeDisk(dir: string): Promise<Error | undefined> {
  const path = join(dir, `.room-${process.pid}`)
  try {
    await writeFile(path, Buffer.alloc(PROBE_BYTES))
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  } finally {
    await rm(path, { force: true }).catch(() => undefined)
  }
}
