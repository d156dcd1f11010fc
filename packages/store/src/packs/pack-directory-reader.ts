import { isSyncError, SyncError, type ChunkId } from '@causeway/protocol'
import type { FileHandle } from 'node:fs/promises'
import type { PackLocation, PackReaderToken, PackRecord, PackSource } from '../pack-store.ts'
import { PackFiles } from './pack-files.ts'
import { PackReader } from './pack-reader.ts'
import { scanPack } from './scan-pack.ts'

/** The packs of a directory to be read alone, also while another process appends to them. Makes and changes nothing. */
export async function readPackDirectory(path: string): Promise<PackSource> {
  const files = await PackFiles.find(path)
  if (files === undefined)
    throw new SyncError('io-error', `cannot read the packs in ${path}: there is no such directory`)
  return new PackDirectoryReader(files)
}

/** What reads a pack directory: the half of it that needs no lock. */
export class PackDirectoryReader implements PackSource {
  readonly #files: PackFiles
  readonly #reader: PackReader
  #closed = false

  constructor(files: PackFiles) {
    this.#files = files
    this.#reader = new PackReader(files)
  }

  async read(hash: ChunkId, location: PackLocation, reader?: PackReaderToken): Promise<Uint8Array> {
    if (this.#closed) throw new SyncError('internal', 'the pack store was used after it was closed')
    return this.#reader.read(hash, location, reader)
  }

  async *records(from?: ReadonlyMap<string, number>): AsyncGenerator<PackRecord> {
    for (const pack of await this.#files.list()) {
      if (from !== undefined && !from.has(pack)) continue
      const handle = await this.#openUnlessGone(pack)
      if (!handle) continue
      try {
        for await (const { header, offset } of scanPack(handle, from?.get(pack) ?? 0)) {
          const { hash, size, compressed, storedSize } = header
          yield { hash, size, compressed, location: { pack, offset, storedSize } }
        }
      } finally {
        await handle.close()
      }
    }
  }

  async packs(): Promise<readonly { pack: string; bytes: number }[]> {
    const found: { pack: string; bytes: number }[] = []
    for (const pack of await this.#files.list()) {
      const bytes = await this.#files.size(pack)
      if (bytes !== undefined) found.push({ pack, bytes })
    }
    return found
  }

  identity(): Promise<string | null> {
    return this.#files.readIdentity()
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#reader.close()
  }

  protected letGoOf(packs: readonly string[]): Promise<void> {
    return this.#reader.release(packs)
  }

  protected get readFailures(): readonly string[] {
    return this.#reader.failures
  }

  async #openUnlessGone(pack: string): Promise<FileHandle | undefined> {
    try {
      return await this.#files.openToRead(pack)
    } catch (error) {
      if (isSyncError(error, 'chunk-missing')) return undefined
      throw error
    }
  }
}
