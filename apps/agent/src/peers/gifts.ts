import { hash as hashOf } from 'node:crypto'
import type { FolderId, ChunkId, ContentHash, NamedBytes } from '@causeway/protocol'
import { basePath } from '@causeway/engine'
import type { OpenFile } from '@causeway/replica'
import type { SharedDownload } from '../ports.ts'
import { listOf, openVouched, type FolderContents } from '../transfer/down/node-contents.ts'
import { createRecentChunks } from './recent-chunks.ts'

/** What this node can give to others: what the files of a folder hold, and what it is fetching for it. */
export interface Gifts {
  /** The folder is open from now on; the returned function ends that. */
  open(folder: FolderId, contents: FolderContents): () => void
  /** The download is shared from now on; the returned function ends that. */
  share(folder: FolderId, download: SharedDownload): () => void
  /** A chunk that came, and may not be written yet. Its bytes stay the caller's. */
  came(folder: FolderId, chunk: NamedBytes): void
  /** Where a content stands here. */
  stateOf(folder: FolderId, content: ContentHash): 'whole' | 'coming' | 'none'
  /** Which of these chunks of a content it most likely gives. */
  has(folder: FolderId, content: ContentHash, hashes: readonly ChunkId[]): readonly boolean[]
  /** Those that it has, in the order asked for, each rehashed. */
  fetch(folder: FolderId, content: ContentHash, hashes: readonly ChunkId[]): AsyncIterable<NamedBytes>
  chunkList(folder: FolderId, content: ContentHash): Uint8Array | undefined
}

export function createGifts(): Gifts {
  const folders = new Map<FolderId, FolderContents>()
  const shared = new Map<FolderId, Map<ContentHash, SharedDownload>>()
  const recent = createRecentChunks()

  function coming(folder: FolderId, content: ContentHash): SharedDownload | undefined {
    return shared.get(folder)?.get(content)
  }

  function isHeld(folder: FolderId, content: ContentHash): boolean {
    const state = folders.get(folder)?.state
    return state?.baseByHash(content) !== undefined && state.chunkList(content) !== undefined
  }

  /** The file of the folder, and of no other, that holds a content. */
  async function openHeld(folder: FolderId, content: ContentHash): Promise<OpenFile | undefined> {
    const contents = folders.get(folder)
    const base = contents?.state.baseByHash(content)
    if (contents === undefined || base === undefined) return undefined
    const path = basePath(contents.state, base.id)
    return path === undefined ? undefined : openVouched(contents.files, path, base)
  }

  async function* fromFile(
    folder: FolderId,
    content: ContentHash,
    hashes: readonly ChunkId[],
  ): AsyncIterable<NamedBytes> {
    const state = folders.get(folder)?.state
    const table = state === undefined ? undefined : listOf(state, content)
    const file = table === undefined ? undefined : await openHeld(folder, content)
    if (table === undefined || file === undefined) return
    try {
      for (const hash of hashes) {
        const index = table.findHash(hash)
        const bytes = index === -1 ? undefined : await file.read(table.offset(index), table.size(index))
        if (isSound(hash, bytes)) yield { hash, bytes }
      }
    } finally {
      await file.close()
    }
  }

  async function fromDownload(download: SharedDownload, hash: ChunkId): Promise<Uint8Array | undefined> {
    const index = download.list.findHash(hash)
    if (index === -1 || index >= download.done()) return undefined
    return download.read(download.list.offset(index), download.list.size(index))
  }

  return {
    open(folder, contents) {
      folders.set(folder, contents)
      return () => {
        if (folders.get(folder) === contents) folders.delete(folder)
      }
    },
    share(folder, download) {
      const own = shared.get(folder) ?? new Map<ContentHash, SharedDownload>()
      shared.set(folder, own.set(download.content, download))
      return () => {
        if (own.get(download.content) === download) own.delete(download.content)
      }
    },
    came: (folder, chunk) => recent.put(folder, chunk),
    stateOf(folder, content) {
      if (isHeld(folder, content)) return 'whole'
      return coming(folder, content) === undefined ? 'none' : 'coming'
    },
    has(folder, content, hashes) {
      const download = coming(folder, content)
      if (download === undefined) {
        const held = isHeld(folder, content)
        return hashes.map((hash) => held || recent.has(folder, hash))
      }
      const { list } = download
      const done = download.done()
      return hashes.map((hash) => {
        const index = list.findHash(hash)
        return index !== -1 && (index < done || recent.has(folder, hash))
      })
    },
    async *fetch(folder, content, hashes) {
      const download = coming(folder, content)
      if (download === undefined && isHeld(folder, content)) return yield* fromFile(folder, content, hashes)
      for (const hash of hashes) {
        const bytes = recent.get(folder, hash) ?? (download && (await fromDownload(download, hash)))
        if (isSound(hash, bytes)) yield { hash, bytes }
      }
    },
    chunkList(folder, content) {
      const held = isHeld(folder, content) ? folders.get(folder)?.state.chunkList(content) : undefined
      return held ?? coming(folder, content)?.list.bytes
    },
  }
}

function isSound(hash: ChunkId, bytes: Uint8Array | undefined): bytes is Uint8Array {
  return bytes !== undefined && hashOf('sha256', bytes) === hash
}
