import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { completionOf, gatherCorpus } from '../support/corpus.ts'
import type { Case } from '../support/case.ts'
import { compareCopies } from '../support/compare-copies.ts'

/** A tree of many real, small files: the cost per file. */
export const tree: Case = {
  name: 'tree',
  async run({ life, scratch, quick }) {
    const source = join(scratch, 'source')
    const corpus = await gatherCorpus(source, quick ? 2000 : 10_500)
    return compareCopies(life, scratch, {
      name: 'tree',
      subject: `${corpus.files.toLocaleString('en')} files, ${(corpus.bytes / 1e6).toFixed(1)} MB (${corpus.origin})`,
      files: corpus.files,
      bytes: corpus.bytes,
      source,
      fill: (to) => cp(source, to, { recursive: true, preserveTimestamps: true }),
      isComplete: await completionOf(source),
    })
  },
}
