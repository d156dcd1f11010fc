import type { MetadataStore } from '../metadata-store.ts'
import type { PackObjects } from './pack-objects.ts'

export interface ObjectPackOptions {
  readonly objects: PackObjects & {
    /** Drops copies of a pack that turned out to be unsound. */
    forget?(pack: string): Promise<void>
  }
  readonly metadata: MetadataStore
  /** Names this process at the time of the call: see `PackRow.owner`. */
  readonly owner: () => string
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly maxPackBytes: number
}
