import { readFile } from 'node:fs/promises'
import { errnoOf, systemError } from '@causeway/protocol'

/** The text of a small file; `undefined` where there is none. Throws `io-error` for one that cannot be read: it is never taken for none. */
export async function readFileIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw systemError(`cannot read ${path}`, error)
  }
}
