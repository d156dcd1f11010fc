import { cp, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { writeRandomFile } from '../../tests/support/random.ts'
import type { Case } from '../support/case.ts'
import { compareCopies } from '../support/compare-copies.ts'

/** One file of random bytes, which do not compress: the cost per byte. */
export const bigFile: Case = {
  name: 'big-file',
  async run({ life, scratch, quick }) {
    const bytes = (quick ? 64 : 512) * 1024 * 1024
    const source = join(scratch, 'source')
    await mkdir(source)
    await writeRandomFile(join(source, 'random.bin'), bytes, 1)
    return compareCopies(life, scratch, {
      name: 'big-file',
      subject: `one file of ${bytes / 1024 / 1024} MiB of random bytes`,
      files: 1,
      bytes,
      source,
      fill: (to) => cp(source, to, { recursive: true, preserveTimestamps: true }),
      isComplete: async (copy) => (await stat(join(copy, 'random.bin')).catch(() => ({ size: 0 }))).size === bytes,
    })
  },
}
