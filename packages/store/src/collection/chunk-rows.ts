import type { ChunkId } from '@causeway/protocol'
import { setImmediate } from 'node:timers/promises'
import type { ChunkRow, MetadataStore } from '../metadata-store.ts'

const PAGE_ROWS = 1000

/** Every chunk, in short reads: a long one would keep the database from tidying up behind its writers. */
export async function* chunkRows(metadata: MetadataStore): AsyncGenerator<ChunkRow> {
  for (let last: ChunkId | undefined; ;) {
    const page = await metadata.read((tx) => tx.chunksAfter(last, PAGE_ROWS))
    yield* page
    last = page.at(-1)?.hash
    if (last === undefined) return
    await setImmediate()
  }
}
