import type { ChunkId, NamedBytes } from '@causeway/protocol'
import { isSyncError } from '@causeway/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ChunkSource } from '../../ports.ts'
import { sha256 } from './memory-link.ts'

export interface ChunkSourceFixture {
  readonly source: ChunkSource
  /** Replaces the bytes of a chunk where the source keeps them, or takes them away. It need not notice before it is asked. */
  spoil(hash: ChunkId): Promise<void> | void
  /** Called after each test. */
  end?(): Promise<void> | void
}

const TEXTS = ['one', 'two', 'three'] as const
const CHUNKS = TEXTS.map((text) => new TextEncoder().encode(text))
const HASHES = CHUNKS.map(sha256)
const [ONE, TWO, THREE] = HASHES as [ChunkId, ChunkId, ChunkId]
const UNKNOWN = sha256(new TextEncoder().encode('unknown'))

/** What every `ChunkSource` must hold. `open` gives one with just these chunks, small as they are. */
export function chunkSourceConformance(
  name: string,
  open: (chunks: readonly NamedBytes[]) => Promise<ChunkSourceFixture>,
): void {
  describe(`${name} is a ChunkSource`, () => {
    let fixture: ChunkSourceFixture
    let source: ChunkSource

    beforeEach(async () => {
      fixture = await open(CHUNKS.map((bytes) => ({ hash: sha256(bytes), bytes })))
      source = fixture.source
    })
    afterEach(() => fixture.end?.())

    /** What is given before it ends, and whether an error ended it. */
    async function fetched(hashes: readonly ChunkId[]): Promise<{ chunks: readonly NamedBytes[]; failed: boolean }> {
      const chunks: NamedBytes[] = []
      try {
        for await (const chunk of source.fetch(hashes)) chunks.push(chunk)
        return { chunks, failed: false }
      } catch (error) {
        if (!isSyncError(error)) throw error
        return { chunks, failed: true }
      }
    }

    function textsOf(chunks: readonly NamedBytes[]): readonly string[] {
      return chunks.map(({ bytes }) => new TextDecoder().decode(bytes)).toSorted()
    }

    test('says that it has what it has', async () => {
      const had = await source.has([TWO, ONE])
      expect([had.has(ONE), had.has(TWO)]).toEqual([true, true])
      expect([...had].every((hash) => hash === ONE || hash === TWO)).toBe(true)
      expect([...(await source.has([]))]).toEqual([])
    })

    test('gives what is asked for and nothing else, under its hash', async () => {
      const { chunks, failed } = await fetched([THREE, ONE])
      expect(failed).toBe(false)
      expect(textsOf(chunks)).toEqual(['one', 'three'])
      for (const { hash, bytes } of chunks) expect(sha256(bytes)).toBe(hash)
    })

    test('gives nothing where nothing is asked for', async () => {
      expect(await fetched([])).toEqual({ chunks: [], failed: false })
    })

    test('gives a chunk as often as it is asked for, each time in memory that is the caller’s', async () => {
      const { chunks } = await fetched([ONE, ONE])
      expect(textsOf(chunks)).toEqual(['one', 'one'])
      for (const { bytes } of chunks) bytes.fill(0)
      expect(textsOf((await fetched([ONE])).chunks)).toEqual(['one'])
    })

    test('leaves out what it does not have, or fails; what it gave before counts', async () => {
      expect(textsOf((await fetched([ONE, UNKNOWN])).chunks)).toEqual(['one'])
      expect((await fetched([UNKNOWN])).chunks).toEqual([])
    })

    test('never gives spoilt bytes', async () => {
      await fixture.spoil(TWO)
      const { chunks } = await fetched([ONE, TWO])
      expect(textsOf(chunks)).toEqual(['one'])
    })

    test('can be left in the middle, and asked again', async () => {
      for await (const { bytes } of source.fetch(HASHES)) {
        expect(bytes.length).toBeGreaterThan(0)
        break
      }
      expect(textsOf((await fetched(HASHES)).chunks)).toEqual(['one', 'three', 'two'])
    })

    test('serves several at a time', async () => {
      const all = await Promise.all([fetched(HASHES), fetched([TWO]), fetched([THREE, ONE])])
      expect(all.map(({ chunks }) => textsOf(chunks))).toEqual([['one', 'three', 'two'], ['two'], ['one', 'three']])
    })
  })
}
