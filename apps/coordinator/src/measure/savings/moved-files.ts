import { counterOf } from '@causeway/engine'
import {
  decodeManifest,
  LIMITS,
  type ChangeBatch,
  type CommitRequest,
  type ContentHash,
  type EntryState,
  type NodeId,
  type Patch,
  type Splice,
  type VersionVector,
} from '@causeway/protocol'
import type { VersionRow } from '@causeway/store'
import type { ClaimedContents, Hop } from '@causeway/log'
import type { Ledger, MovedFile } from './ledger.ts'

type Commit = Parameters<Ledger['committed']>[0]
type Telling = Parameters<Ledger['told']>[0]

/** What a node's commit brought, as the ledger counts it. `wireBytes`: the whole message. */
export function committedFiles(
  request: CommitRequest,
  claimed: ClaimedContents,
  versions: readonly VersionRow[],
  wireBytes: number,
): Pick<Commit, 'small' | 'large' | 'wireBytes'> {
  const inline = new Set(request.contents.map(({ hash }) => hash))
  const listBytes = new Map<ContentHash, number>([
    ...request.manifests.map(({ content, chunks }) => [content, chunks.length] as const),
    ...(request.patches ?? []).map(({ content, splice }) => [content, spliceBytes(splice)] as const),
  ])
  const small: MovedFile[] = []
  const large: (Commit['large'][number] & { listBytes: number })[] = []
  for (const { state, registers } of versions) {
    if (state.deleted || state.content.kind !== 'file' || !registers.includes('content')) continue
    const { hash, size } = state.content
    const file = { entry: state.id, content: hash, sizeBytes: size }
    if (size === 0 || inline.has(hash)) small.push(file)
    else {
      const manifest = claimed.manifests.get(hash) ?? claimed.spliced.get(hash)?.told ?? []
      large.push({ ...file, manifest, listBytes: listBytes.get(hash) ?? 0 })
    }
  }
  const counted = sum(request.patches ?? [], deltaBytes) + sum([...listBytes.values()], (bytes) => bytes)
  const rest = Math.max(0, wireBytes - counted)
  const [first] = large
  // What a message takes beside the bytes is the small files' where there are any.
  if (small.length === 0 && first !== undefined) first.listBytes += rest
  return { small, large, wireBytes: rest }
}

/** The new contents that a node is told of in a batch, as the ledger counts them. `seen`: what it had seen before. */
export function toldFiles(
  batch: ChangeBatch,
  { node, seen, wireBytes }: { readonly node: NodeId; readonly seen: VersionVector; readonly wireBytes: number },
): Pick<Telling, 'small' | 'large' | 'wireBytes' | 'seq'> {
  const inline = new Set(batch.contents.map(({ hash }) => hash))
  const files = batch.states.filter((state) => isNewTo(state, node, seen)).flatMap(fileOf)
  const isSmall = ({ sizeBytes, content }: MovedFile) => sizeBytes === 0 || inline.has(content)
  return {
    small: files.filter(isSmall),
    large: files.filter((file) => !isSmall(file)),
    wireBytes: Math.max(0, wireBytes - sum(batch.patches ?? [], patchBytes)),
    seq: batch.cursor.seq,
  }
}

/** Notes the patches that came along with what a node was told. */
export function noteSentPatches(ledger: Pick<Ledger, 'sent'>, hop: Hop, patches: readonly Patch[]): void {
  for (const { content, splice, deltas } of patches) {
    ledger.sent(hop, content, { listBytes: spliceBytes(splice) })
    for (const { bytes, chunks } of deltas) {
      const plainBytes = sum(decodeManifest(chunks), ({ size }) => size)
      ledger.sent(hop, content, {
        crossing: { form: 'delta', plainBytes, wireBytes: bytes.length + chunks.length },
      })
    }
  }
}

/** True for a file whose content somebody else wrote, after what the node had seen. */
function isNewTo({ deleted, content, contentVector }: EntryState, node: NodeId, seen: VersionVector): boolean {
  if (deleted || content.kind !== 'file') return false
  return Object.keys(contentVector).some((author) => {
    return author !== node && counterOf(contentVector, author) > counterOf(seen, author)
  })
}

function fileOf({ id, content }: EntryState): MovedFile[] {
  if (content.kind !== 'file') return []
  return [{ entry: id, content: content.hash, sizeBytes: content.size }]
}

function spliceBytes({ parts }: Splice): number {
  return sum(parts, (part) =>
    part instanceof Uint8Array ? part.length : 2 * Math.ceil(Math.log2(LIMITS.spliceParts) / 8),
  )
}

function patchBytes(patch: Patch): number {
  return spliceBytes(patch.splice) + deltaBytes(patch)
}

function deltaBytes({ deltas }: Patch): number {
  return sum(deltas, ({ bytes, chunks }) => bytes.length + chunks.length)
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}
