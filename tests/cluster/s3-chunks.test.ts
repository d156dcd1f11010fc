import { inject, test } from 'vitest'
import { expectChunksInS3, expectMismatchesRefused } from '../support/chunks-in-s3.ts'
import { testLifetime } from '../support/hooks.ts'

test('with contents in Ceph a coordinator is killed, restarted and tidied up, and nothing is lost', async () => {
  await expectChunksInS3(testLifetime(), inject('s3'))
})

test('packs in Ceph that do not belong to the database are refused, by name', async () => {
  await expectMismatchesRefused(testLifetime(), inject('s3'))
})
