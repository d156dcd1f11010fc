import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Lifetime } from './lifetime.ts'

/** A new directory that goes with its lifetime. With `CAUSEWAY_KEEP=1` it stays, to be looked at. */
export async function scratchDirectory(life: Lifetime, name = 'causeway'): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `${name}-test-`))
  if (process.env['CAUSEWAY_KEEP'] === '1') process.stderr.write(`kept: ${directory}\n`)
  else life.add(() => rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }))
  return directory
}
