import type { MetadataStore } from '../../metadata-store.ts'
import { folderRow } from '../fixtures.ts'

export type OpenStore = () => Promise<MetadataStore>

/** A test's body over a new store that has the folder `docs`. */
export function withStore(open: OpenStore, body: (store: MetadataStore) => Promise<void>): () => Promise<void> {
  return async () => {
    const store = await open()
    try {
      await store.write((tx) => tx.createFolder(folderRow()))
      await body(store)
    } finally {
      await store.close()
    }
  }
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}
