import { hash as hashOf } from 'node:crypto'
import { applySplice, newStretches, signBlocks, spliceParts } from '@causeway/engine'
import { openDelta, packDelta } from '@causeway/packing'
import {
  ChunkIdSchema,
  ContentHashSchema,
  ListDigestSchema,
  SyncError,
  decodeManifest,
  encode,
  encodeManifest,
  type Coming,
  type Delta,
  type ChunkId,
  type ContentHash,
  type Manifest,
  type Patch,
  type PatchItem,
} from '@causeway/protocol'
import type { CoordinatorLink, UploadResult } from '../../ports.ts'

type Call = 'missing' | 'upload' | 'fetch' | 'manifest' | 'sendDeltas' | 'signatures' | 'patch' | 'commit'

/** A coordinator's chunks in memory, for tests: deltas are really rebuilt; it counts what it was asked to do. */
export interface MemoryLink extends CoordinatorLink {
  readonly chunks: Map<ChunkId, Uint8Array>
  readonly manifests: Map<ContentHash, Manifest>
  readonly counts: { uploaded: number; fetched: number; rebuilt: number }
  /** Bytes of all messages both ways, chunks as they are; without HTTP, and without compression. */
  readonly wire: { up: number; down: number }
  /** Each call in order. */
  readonly calls: Call[]
  readonly announced: Coming[]
  /** Called before each call; may throw. */
  before: (call: Call) => void
  /**
   * What a commit does with what it is told of a content. The chunks that
   * lack, or `unknown` where that can't be said; empty once the content is held whole.
   */
  commitContent(content: ContentHash, told: Told): Promise<readonly ChunkId[] | 'unknown'>
  /** The bytes of a content that is held. Throws a `SyncError` if it is not. */
  bytesOf(content: ContentHash): Buffer
}

type Told = Extract<UploadResult, { kind: 'uploaded' }>['told']

export function createMemoryLink(): MemoryLink {
  const chunks = new Map<ChunkId, Uint8Array>()
  const manifests = new Map<ContentHash, Manifest>()
  const calls: Call[] = []
  const wire = { up: 0, down: 0 }

  function begin(call: Call, message: unknown): void {
    calls.push(call)
    wire.up += encode(message).length
    link.before(call)
  }

  function answer<T>(message: T): T {
    wire.down += encode(message).length
    return message
  }

  function manifestOf(content: ContentHash): Manifest {
    const manifest = manifests.get(content)
    if (manifest === undefined) throw new SyncError('not-found', `no content ${content}`)
    return manifest
  }

  function bytesOf(content: ContentHash): Buffer {
    return Buffer.concat(
      manifestOf(content).map(({ hash }) => {
        const bytes = chunks.get(hash)
        if (bytes === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
        return bytes
      }),
    )
  }

  /** Takes in what a delta makes; the chunks that came out wrong are named. */
  async function rebuild({ base, chunks: encoded, encoding, bytes }: Delta): Promise<readonly ChunkId[]> {
    const made = decodeManifest(encoded)
    const sizeBytes = made.reduce((sum, { size }) => sum + size, 0)
    let plain: Uint8Array
    try {
      const region = bytesOf(base.content).subarray(base.offset, base.offset + base.length)
      plain = await openDelta({ encoding, bytes }, region, sizeBytes)
    } catch {
      return made.map(({ hash }) => hash)
    }
    let offset = 0
    return made.flatMap(({ hash, size }) => {
      const chunk = plain.subarray(offset, offset + size)
      offset += size
      if (sha256(chunk) !== hash) return [hash]
      link.counts.rebuilt++
      chunks.set(hash, new Uint8Array(chunk))
      return []
    })
  }

  function splicedManifest({ splice }: Patch): Manifest | undefined {
    const base = manifests.get(splice.base)
    const next = base === undefined ? undefined : applySplice(base, splice.parts)
    return next !== undefined && hashOf('sha256', encodeManifest(next)) === splice.digest ? next : undefined
  }

  const link: MemoryLink = {
    chunks,
    manifests,
    calls,
    wire,
    announced: [],
    counts: { uploaded: 0, fetched: 0, rebuilt: 0 },
    before: () => undefined,
    bytesOf,
    commit: movesBytesOnly,
    changes: movesBytesOnly,
    compareDigest: movesBytesOnly,
    digestEntries: movesBytesOnly,
    entries: movesBytesOnly,
    async missing(_folder, hashes) {
      begin('missing', { hashes: hashes.map((hash) => Buffer.from(hash, 'hex')) })
      return answer(hashes.filter((hash) => !chunks.has(hash)))
    },
    async upload(_folder, bodies) {
      begin('upload', bodies)
      for (const { hash, bytes } of bodies) {
        if (sha256(bytes) !== hash) throw new SyncError('chunk-corrupt', `chunk ${hash} is corrupt`)
        link.counts.uploaded++
        chunks.set(hash, new Uint8Array(bytes))
      }
    },
    async *fetch(_folder, hashes) {
      for (const hash of hashes) {
        begin('fetch', hash)
        const bytes = chunks.get(hash)
        if (bytes === undefined) throw new SyncError('chunk-missing', `chunk ${hash} is not held`)
        link.counts.fetched++
        yield answer({ hash, bytes: new Uint8Array(bytes) })
      }
    },
    async manifest(_folder, content) {
      begin('manifest', { content })
      return answer(manifestOf(content))
    },
    async sendDeltas(_folder, deltas) {
      begin('sendDeltas', { deltas })
      return answer((await Promise.all(deltas.map(rebuild))).flat())
    },
    async signatures(_folder, request) {
      begin('signatures', request)
      const bytes = bytesOf(request.content)
      return answer(
        request.regions.map(({ offset, length }) => {
          if (offset + length > bytes.length) throw new SyncError('bad-request', 'a region behind the end')
          return signBlocks(bytes.subarray(offset, offset + length), request.blockBytes)
        }),
      )
    },
    async *patch(_folder, request) {
      begin('patch', request)
      for await (const item of patchItems(request.content, request.base)) yield answer(item)
    },
    announce(_folder, coming) {
      link.announced.push(coming)
    },
    async commitContent(content, told) {
      begin('commit', told.kind === 'manifest' ? encodeManifest(told.manifest) : told)
      if (told.kind === 'patch') for (const delta of told.patch.deltas) await rebuild(delta)
      const manifest =
        told.kind === 'manifest'
          ? told.manifest
          : told.kind === 'patch'
            ? splicedManifest(told.patch)
            : manifests.get(content)
      if (manifest === undefined) return answer('unknown')
      const missing = manifest.filter(({ hash }) => !chunks.has(hash)).map(({ hash }) => hash)
      if (missing.length === 0) manifests.set(content, manifest)
      return answer(missing)
    },
  }

  async function* patchItems(content: ContentHash, base: ContentHash): AsyncGenerator<PatchItem> {
    const next = manifestOf(content)
    const old = manifests.get(base)
    if (old === undefined) {
      yield { kind: 'manifest', chunks: encodeManifest(next) }
      return
    }
    const digest = ListDigestSchema.parse(sha256(encodeManifest(next)))
    yield { kind: 'splice', splice: { base, parts: [...spliceParts(old, next)], digest } }
    const bytes = bytesOf(content)
    for (const { first, count, offset, sizeBytes, region } of newStretches(old, next)) {
      const plain = bytes.subarray(offset, offset + sizeBytes)
      if (region === null) {
        yield { kind: 'fetch', first, count }
        continue
      }
      const dictionary = bytesOf(base).subarray(region.offset, region.offset + region.length)
      const packed = await packDelta(dictionary, plain)
      if (packed.length > sizeBytes * 0.8) yield { kind: 'fetch', first, count }
      else {
        const made = encodeManifest(next.slice(first, first + count))
        const delta: Delta = { base: { content: base, ...region }, chunks: made, encoding: 'dictionary', bytes: packed }
        yield { kind: 'delta', delta }
      }
    }
  }

  return link
}

export function contentHashOf(bytes: Uint8Array): ContentHash {
  return ContentHashSchema.parse(hashOf('sha256', bytes))
}

export function sha256(bytes: Uint8Array): ChunkId {
  return ChunkIdSchema.parse(hashOf('sha256', bytes))
}

function movesBytesOnly(): Promise<never> {
  return Promise.reject(new SyncError('internal', 'this link moves bytes only'))
}
