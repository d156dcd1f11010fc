import { hash } from 'node:crypto'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ChunkIdSchema } from '@causeway/protocol'
import { openPackDirectory, type PackLocation, type StoredChunk } from '@causeway/store'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { Random } from '../../tests/support/random.ts'
import type { MicroCase } from './micro-case.ts'

const CHUNK_BYTES = 64 * 1024

/** What is kept: appended durably, and read back. */
export async function packCases(life: Lifetime, scratch: string, quick: boolean): Promise<readonly MicroCase[]> {
  const random = new Random(4)
  const chunks: StoredChunk[] = Array.from({ length: quick ? 16 : 128 }, () => {
    const bytes = random.bytes(CHUNK_BYTES)
    return { hash: ChunkIdSchema.parse(hash('sha256', bytes)), size: bytes.length, compressed: false, bytes }
  })
  const whole = Buffer.concat(chunks.map(({ bytes }) => bytes))
  const packs = await openPackDirectory({ path: join(scratch, 'packs') })
  life.add(() => packs.close())
  const plainPath = join(scratch, 'plain')
  const located: readonly PackLocation[] = await packs.append(chunks)
  const work = `${chunks.length} chunks of 64 KiB`
  return [
    {
      part: 'pack store',
      work: `append ${work}, durable`,
      amount: whole.length,
      unit: 'bytes',
      waits: true,
      yardstick: 'one write of the same bytes, fsync',
      async plain() {
        const file = await open(plainPath, 'w')
        await file.write(whole)
        await file.sync()
        await file.close()
      },
      run: () => packs.append(chunks),
    },
    {
      part: 'pack store',
      work: `read ${work}`,
      amount: whole.length,
      unit: 'bytes',
      yardstick: 'one read of the same bytes',
      plain: () => readFile(plainPath),
      async run() {
        for (const [index, { hash: name }] of chunks.entries()) {
          const location = located[index]
          if (location !== undefined) await packs.read(name, location, { mayShare: true })
        }
      },
    },
  ]
}
