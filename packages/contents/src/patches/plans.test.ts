import { newStretches } from '@causeway/engine'
import { encodeManifest, SyncError } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { largeOf, noise, type LargeFile } from '@causeway/testkit'
import { chunkList, type ChunkList } from './chunk-list.ts'
import type { HeldBytes } from './held-bytes.ts'
import { createPlans } from './plans.ts'

const HALF = 1024 * 1024
const before = noise(2 * HALF, 1)
/** No chunk stays as it was, and the halves changed places. */
const touched = before.map((byte, at) => (at % 4096 === 0 ? byte ^ 1 : byte))
const BASE = largeOf(before)
const NEXT = largeOf(Buffer.concat([touched.subarray(HALF), touched.subarray(0, HALF)]))

test('a stretch is told by the bytes that it was made of, wherever they lay', async () => {
  const { stretches } = await createPlans(holding(BASE, NEXT))(listOf(NEXT), listOf(BASE))
  const middle = stretches.find(({ offset, sizeBytes }) => offset <= HALF / 2 && HALF / 2 < offset + sizeBytes)
  expect(middle?.region?.offset).toBeGreaterThan(HALF / 2)
})

test('all who ask for the same at once share one plan', async () => {
  const held = holding(BASE, NEXT)
  const plan = createPlans(held)
  const [one, other] = await Promise.all([1, 2].map(() => plan(listOf(NEXT), listOf(BASE))))
  expect(one).toBe(other)
  const { reads } = held
  expect(await plan(listOf(NEXT), listOf(BASE))).toBe(one)
  expect(held.reads).toBe(reads)
})

test('where bytes are lost, the chunk lists decide', async () => {
  const lost: Pick<HeldBytes, 'bytes'> = {
    bytes: () => Promise.reject(new SyncError('chunk-missing', 'it is not held here')),
  }
  const { stretches } = await createPlans(lost)(listOf(NEXT), listOf(BASE))
  expect(stretches).toEqual(newStretches(BASE.manifest, NEXT.manifest))
})

test('a disk that refuses is no reason to guess', async () => {
  const refusing: Pick<HeldBytes, 'bytes'> = {
    bytes: () => Promise.reject(new SyncError('io-error', 'the disk refused')),
  }
  await expect(createPlans(refusing)(listOf(NEXT), listOf(BASE))).rejects.toMatchObject({ code: 'io-error' })
})

function listOf({ hash, manifest }: LargeFile): ChunkList {
  return chunkList(hash, encodeManifest(manifest))
}

function holding(...files: readonly LargeFile[]): Pick<HeldBytes, 'bytes'> & { reads: number } {
  const held = {
    reads: 0,
    async bytes({ content }: ChunkList, { offset, length }: { readonly offset: number; readonly length: number }) {
      held.reads++
      return files.find(({ hash }) => hash === content)?.bytes.subarray(offset, offset + length) ?? new Uint8Array()
    },
  }
  return held
}
