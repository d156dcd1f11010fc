import type { SentOperation } from '@causeway/engine'
import {
  encodeManifest,
  type CommitRequest,
  type ContentHash,
  type NamedManifest,
  type Patch,
  type SmallContent,
  type VersionVector,
} from '@causeway/protocol'
import type { RelativePath } from '@causeway/replica'
import type { ReadContent } from './read-content.ts'

const MOST_OPERATIONS = 1000
const MOST_BYTES = 4 * 1024 * 1024

export interface Prepared {
  readonly sent: SentOperation
  readonly path: RelativePath
  /** What was read for it, where it brings a content along. */
  readonly read: ReadOk | null
  /** Prepares the same change anew, with all its bytes; null where that would be no different. */
  readonly again: (() => Promise<void>) | null
}

export type ReadOk = Extract<ReadContent, { kind: 'read' }>

/** Operations on their way into one commit. */
export class CommitBatch {
  readonly prepared: Prepared[] = []
  readonly #contents = new Map<ContentHash, SmallContent>()
  readonly #manifests = new Map<ContentHash, NamedManifest>()
  readonly #patches = new Map<ContentHash, Patch>()
  #bytes = 0
  #clock: VersionVector = {}

  get isEmpty(): boolean {
    return this.prepared.length === 0
  }

  get isFull(): boolean {
    return this.prepared.length >= MOST_OPERATIONS || this.#bytes >= MOST_BYTES
  }

  /** `clockBefore` counts for the first operation; the rest follow from their counters. */
  add(prepared: Prepared, clockBefore: () => VersionVector): void {
    if (this.isEmpty) this.#clock = clockBefore()
    this.prepared.push(prepared)
    const { read } = prepared
    if (read?.content.kind !== 'file') return
    const { hash } = read.content
    if (read.inline !== null && read.inline.length > 0 && !this.#contents.has(hash)) {
      this.#contents.set(hash, { hash, bytes: read.inline })
      this.#bytes += read.inline.length
    }
    if (read.uploaded !== null) this.#tell(hash, read.uploaded)
  }

  request(approved: boolean): CommitRequest {
    const patches = [...this.#patches.values()]
    return {
      clock: this.#clock,
      operations: this.prepared.map(({ sent }) => sent.operation),
      contents: [...this.#contents.values()],
      manifests: [...this.#manifests.values()],
      ...(patches.length > 0 && { patches }),
      approved,
    }
  }

  #tell(hash: ContentHash, { told }: NonNullable<ReadOk['uploaded']>): void {
    if (told.kind === 'manifest' && !this.#manifests.has(hash)) {
      const chunks = encodeManifest(told.manifest)
      this.#manifests.set(hash, { content: hash, chunks })
      this.#bytes += chunks.length
    }
    if (told.kind === 'patch' && !this.#patches.has(hash)) {
      this.#patches.set(hash, told.patch)
      this.#bytes += patchBytes(told.patch)
    }
  }
}

function patchBytes({ splice, deltas }: Patch): number {
  const ofDeltas = deltas.reduce((sum, { bytes, chunks }) => sum + bytes.length + chunks.length, 0)
  return splice.parts.reduce((sum, part) => sum + part.length, ofDeltas)
}
