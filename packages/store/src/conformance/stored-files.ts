import { encodeManifest, type ContentHash, type EntryState } from '@causeway/protocol'
import type { MetadataStore } from '../metadata-store.ts'
import type { PackStore, StoredChunk } from '../pack-store.ts'
import { applyNow, contentHashOf, DOCS, fileState, hashOf, idOf, keepNow, storedChunk, writesOf } from './fixtures.ts'

/** Both stores, with the few steps that a commit of files takes: for tests of what works over the two. */
export class StoredFiles {
  readonly metadata: MetadataStore
  /** Of the process that does the next step. */
  packs: PackStore
  #seq = 0

  constructor(metadata: MetadataStore, packs: PackStore) {
    this.metadata = metadata
    this.packs = packs
  }

  /** Packs chunks and indexes those that are new. */
  async upload(chunks: readonly StoredChunk[]): Promise<void> {
    const locations = await this.packs.append(chunks)
    const rows = chunks.flatMap(({ hash, size, compressed }, index) => {
      const location = locations[index]
      return location ? [{ hash, size, compressed, ...location }] : []
    })
    await this.metadata.write((tx) => tx.addChunks(rows))
  }

  /** Gives an entry the content made of these texts, one chunk each. Answers the version's seq. */
  async save(entry: number, texts: readonly string[]): Promise<number> {
    const content = await this.#store(texts)
    return this.commit(entry, content)
  }

  /** Gives an entry a content whose chunks are stored already. */
  async commit(entry: number, content: { hash: ContentHash; size: number }, deleted = false): Promise<number> {
    const seq = ++this.#seq
    const state: EntryState = fileState(seq, `file ${entry}`, {
      id: idOf(entry),
      content: { kind: 'file', ...content, mode: 0o644, mtimeNs: '0' },
      deleted,
    })
    await this.metadata.write(async (tx) => {
      const contents = { decidedOn: await tx.removals(), chunks: [], manifests: [], claimed: [content.hash] }
      await applyNow(tx, writesOf([state], { contents }))
    })
    return seq
  }

  async removeVersion(seq: number): Promise<void> {
    await this.metadata.write((tx) => tx.removeVersions(DOCS, [seq]))
  }

  /** The bytes of a content, through index and packs, as a reader gets them. */
  async read(texts: readonly string[]): Promise<string> {
    let whole = ''
    for (const text of texts) {
      const [row] = await this.metadata.read((tx) => tx.chunks([hashOf(text)]))
      if (!row) throw new Error(`the chunk "${text}" is not in the index`)
      whole += Buffer.from(await this.packs.read(row.hash, row)).toString()
    }
    return whole
  }

  async #store(texts: readonly string[]): Promise<{ hash: ContentHash; size: number }> {
    const chunks = texts.map((text) => storedChunk(Buffer.from(text)))
    await this.upload(chunks)
    const content = contentOf(texts)
    if (chunks.length > 1) {
      const manifest = { content: content.hash, chunks: encodeManifest(chunks), size: content.size }
      const claimed = chunks.map(({ hash }) => hash)
      await this.metadata.write((tx) => keepNow(tx, { manifests: [manifest], claimed }))
    }
    return content
  }
}

export function contentOf(texts: readonly string[]): { hash: ContentHash; size: number } {
  const whole = texts.join('')
  return { hash: contentHashOf(whole), size: Buffer.byteLength(whole) }
}
