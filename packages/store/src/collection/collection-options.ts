import type { MetadataStore } from '../metadata-store.ts'
import type { PackStore } from '../pack-store.ts'

export interface CollectionOptions {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** What is found unused is kept this long and looked at again. Longer than any upload and any read may take. */
  readonly graceMs: number
  readonly signal?: AbortSignal
}
