import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { ChunkIdSchema, type ChunkId } from '@causeway/protocol'
import { scrub } from './collection/scrub.ts'
import { openPackDirectory } from './packs/open-pack-directory.ts'
import { openSqliteMetadataStore } from './sqlite/open-sqlite-metadata-store.ts'

const directory = await mkdtemp(join(tmpdir(), 'causeway-kill-'))
afterAll(() => rm(directory, { recursive: true }))

test('killed again and again in the middle of its work, the store has all that it acknowledged', async () => {
  const acknowledged = new Set<ChunkId>()
  for (const count of [1, 40, 150]) {
    for (const hash of await storeUntilKilled(count)) acknowledged.add(hash)
    const packs = await openPackDirectory({ path: join(directory, 'packs') })
    const metadata = await openSqliteMetadataStore({ path: join(directory, 'causeway.db') })
    const known = await metadata.read((tx) => tx.chunks([...acknowledged]))
    expect(known).toHaveLength(acknowledged.size)
    expect((await scrub({ metadata, packs })).damaged).toEqual([])
    await metadata.close()
    await packs.close()
  }
})

/** Runs a process that stores chunks, kills it after so many acknowledgements, and answers all that it gave. */
async function storeUntilKilled(count: number): Promise<ChunkId[]> {
  const script = fileURLToPath(new URL('./testing/store-until-killed.ts', import.meta.url))
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  const hashes: ChunkId[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const hash = ChunkIdSchema.safeParse(line)
    // The kill may cut the last line.
    if (hash.success) hashes.push(hash.data)
    if (hashes.length === count) child.kill('SIGKILL')
  }
  const [code, signal] = await exited
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
  return hashes
}
