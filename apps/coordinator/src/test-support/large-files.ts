import { applySplice } from '@causeway/engine'
import { openDelta } from '@causeway/packing'
import {
  decode,
  decodeManifest,
  DeltasResponseSchema,
  encode,
  encodeChunkFrame,
  encodeManifest,
  PATCH_TYPE,
  PatchItemSchema,
  type ChunkId,
  type CommitResponse,
  type ContentHash,
  type Delta,
  type EditOperation,
  type NodeId,
  type Patch,
  type PatchItem,
} from '@causeway/protocol'
import { chunksOf, type LargeFile } from '@causeway/testkit'
import { bytesOf, createOf, DEFAULT_FOLDER, FRAMES, type Running, type TestNode } from './running.ts'

/** Sends every chunk whole. */
export async function uploadAll(node: TestNode, file: LargeFile): Promise<void> {
  const frames = chunksOf(file.bytes).map(({ hash, bytes }) => {
    return encodeChunkFrame({ hash, size: bytes.length, compressed: false, bytes })
  })
  await bytesOf(await node.call('chunks/upload', Buffer.concat(frames), FRAMES))
}

/** Sends and commits a new file whole. */
export async function saveLarge(node: TestNode, name: string, file: LargeFile, counter: number): Promise<void> {
  await uploadAll(node, file)
  const manifests = [{ content: file.hash, chunks: encodeManifest(file.manifest) }]
  const { outcomes } = await node.commit({ operations: [createOf(node.id, counter, name, file.content)], manifests })
  if (outcomes[0]?.kind !== 'accepted') throw new Error(`${name} was not accepted: ${JSON.stringify(outcomes)}`)
}

/** The edit of a file that the same node created with the counter `created`. */
export function editOf(
  node: NodeId,
  created: number,
  counter: number,
  before: LargeFile,
  after: LargeFile,
): EditOperation {
  const { entry } = createOf(node, created, 'any', before.content)
  const basedOn = { [node]: created }
  return { kind: 'edit', counter, entry, basedOn, basedOnHash: before.hash, content: after.content }
}

export async function commitPatch(
  node: TestNode,
  operation: EditOperation,
  ...patches: readonly Patch[]
): Promise<CommitResponse> {
  return node.commit({ operations: [operation], patches: [...patches] })
}

export async function patchItems(node: TestNode, content: ContentHash, base: ContentHash): Promise<PatchItem[]> {
  const response = await node.call('patch', encode({ content, base }))
  const bytes = Buffer.from(await bytesOf(response))
  if (response.headers.get('content-type') !== PATCH_TYPE) throw new Error('that is no patch')
  const items: PatchItem[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    items.push(decode(PatchItemSchema, bytes.subarray(at + 4, end)))
    at = end
  }
  return items
}

/** What a receiver that holds the base makes of a patch; `fetch` stands for the chunks asked for. */
export async function patched(
  base: LargeFile,
  items: readonly PatchItem[],
  fetch: (chunk: ChunkId) => Uint8Array,
): Promise<Uint8Array> {
  const [head, ...rest] = items
  if (head?.kind !== 'splice') throw new Error('the patch begins without a splice')
  const next = applySplice(base.manifest, head.splice.parts)
  const chunks = new Map(chunksOf(base.bytes).map(({ hash, bytes }) => [hash, bytes]))
  for (const item of rest) {
    if (item.kind === 'chunk') chunks.set(item.chunk.hash, item.chunk.bytes)
    else if (item.kind === 'delta') {
      const { offset, length } = item.delta.base
      const made = decodeManifest(item.delta.chunks)
      const size = made.reduce((sum, chunk) => sum + chunk.size, 0)
      const plain = await openDelta(item.delta, base.bytes.subarray(offset, offset + length), size)
      let at = 0
      for (const chunk of made) chunks.set(chunk.hash, plain.subarray(at, (at += chunk.size)))
    } else if (item.kind === 'fetch') {
      for (const { hash } of next.slice(item.first, item.first + item.count)) chunks.set(hash, fetch(hash))
    }
  }
  return Buffer.concat(next.map(({ hash }) => chunks.get(hash) ?? fetchedNever(hash)))
}

export function newIn(next: LargeFile, base: LargeFile): ChunkId[] {
  const held = new Set(base.manifest.map(({ hash }) => hash))
  return next.manifest.map(({ hash }) => hash).filter((hash) => !held.has(hash))
}

export function plainDelta({ base, chunks, encoding, bytes }: Delta) {
  return { base, chunks: Buffer.from(chunks), encoding, bytes: Buffer.from(bytes) }
}

export async function rejected(node: TestNode, deltas: readonly Delta[]): Promise<readonly ChunkId[]> {
  const answer = await bytesOf(await node.call('chunks/deltas', encode({ deltas })))
  return decode(DeltasResponseSchema, answer).rejected
}

export async function missing(running: Running, hashes: readonly ChunkId[]): Promise<readonly ChunkId[]> {
  return running.coordinator.contents.missing(DEFAULT_FOLDER, hashes)
}

/** Stands for a fetch where a patch is to bring everything. */
export function neverAsked(): never {
  throw new Error('nothing was to be fetched')
}

function fetchedNever(hash: ChunkId): never {
  throw new Error(`the patch leaves out chunk ${hash}`)
}
