import { expect, test } from 'vitest'
import { CommitRequestSchema } from './link.ts'

test('what an older node still says beside a commit is left out, not refused', () => {
  const commit = { clock: {}, operations: [], contents: [], manifests: [], approved: false }
  const baselines = [{ content: 'ab'.repeat(32), fixedBlockBytes: 131_072 }]
  expect(CommitRequestSchema.parse({ ...commit, baselines })).toEqual(commit)
})
