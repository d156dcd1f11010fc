import type { SentOperation } from '@causeway/engine'
import {
  encodeManifest,
  type CommitRequest,
  type NamedBytes,
  type NamedManifest,
  type VersionVector,
} from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import type { ReadContent } from './read-content.ts'

const MOST_OPERATIONS = 1000
const MOST_BYTES = 4 * 1024 * 1024

export interface Prepared {
  readonly sent: SentOperation
  readonly path: RelativePath
}

/** Operations on their way into one commit. */
export class CommitBatch {
  readonly prepared: Prepared[] = []
  readonly #contents = new Map<string, NamedBytes>()
  readonly #manifests = new Map<string, NamedManifest>()
  #bytes = 0
  #clock: VersionVector = {}

  get isEmpty(): boolean {
    return this.prepared.length === 0
  }

  get isFull(): boolean {
    return this.prepared.length >= MOST_OPERATIONS || this.#bytes >= MOST_BYTES
  }

  /** `clockBefore` counts for the first operation; the rest follow from their counters. */
  add(prepared: Prepared, clockBefore: VersionVector, read?: Extract<ReadContent, { kind: 'read' }>): void {
    if (this.isEmpty) this.#clock = clockBefore
    this.prepared.push(prepared)
    if (read?.content.kind !== 'file') return
    const { hash } = read.content
    if (read.inline !== null && read.inline.length > 0 && !this.#contents.has(hash)) {
      this.#contents.set(hash, { hash, bytes: read.inline })
      this.#bytes += read.inline.length
    }
    if (read.manifest !== null) this.#manifests.set(hash, { content: hash, chunks: encodeManifest(read.manifest) })
  }

  request(approved: boolean): CommitRequest {
    return {
      clock: this.#clock,
      operations: this.prepared.map(({ sent }) => sent.operation),
      contents: [...this.#contents.values()],
      manifests: [...this.#manifests.values()],
      approved,
    }
  }
}
