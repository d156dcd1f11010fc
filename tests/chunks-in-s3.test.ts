import { test } from 'vitest'
import { startLightS3 } from '../packages/store/src/testing/light-s3.ts'
import { expectChunksInS3, expectMismatchesRefused } from './support/chunks-in-s3.ts'
import { shared, testLifetime } from './support/hooks.ts'

const server = shared(async (life) => {
  const started = await startLightS3()
  life.add(() => started.close())
  return started
})

test('with contents in an object store a coordinator is killed, restarted and tidied up, and nothing is lost', async () => {
  await expectChunksInS3(testLifetime(), server())
}, 300_000)

test('packs of a store that do not belong to the database are refused, by name', async () => {
  await expectMismatchesRefused(testLifetime(), server())
})
