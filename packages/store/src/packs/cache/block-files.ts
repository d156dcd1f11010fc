import { makeDirectories } from '@causeway/disk'
import { chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

const BLOCK_FILE = /^\d{8,15}-\d{1,9}$/
const CHECKSUM_BYTES = 4

/**
 * Pieces of packs as files of one directory, by name, at most so many bytes together: those used longest ago go first.
 * They survive a restart. Each carries a checksum: one that was cut short or has changed is no longer there.
 * Whatever the disk refuses, nothing is kept and nothing is found; nobody is told, for it can all be read elsewhere.
 */
export class BlockFiles {
  readonly #directory: string
  readonly #maxBytes: number
  /** In the order of last use, with what each takes. */
  readonly #sizes = new Map<string, number>()
  #bytes = 0

  private constructor(directory: string, maxBytes: number) {
    this.#directory = directory
    this.#maxBytes = maxBytes
  }

  /** Makes the directory, for its owner alone, and finds what is there. Throws where it can't be made. */
  static async open(directory: string, maxBytes: number): Promise<BlockFiles> {
    await makeDirectories(directory, 0o700)
    await chmod(directory, 0o700)
    const files = new BlockFiles(directory, maxBytes)
    const found: { readonly name: string; readonly bytes: number; readonly usedMs: number }[] = []
    for (const name of (await readdir(directory)).filter((each) => BLOCK_FILE.test(each))) {
      const { size, mtimeMs } = await stat(join(directory, name))
      found.push({ name, bytes: size, usedMs: mtimeMs })
    }
    for (const { name, bytes } of found.sort((a, b) => a.usedMs - b.usedMs)) files.#note(name, bytes)
    await files.#makeRoom()
    return files
  }

  has(name: string): boolean {
    return this.#sizes.has(name)
  }

  async read(name: string): Promise<Buffer | undefined> {
    const size = this.#sizes.get(name)
    if (size === undefined) return undefined
    this.#note(name, size)
    const file = await readFile(join(this.#directory, name)).catch(() => undefined)
    const bytes = file?.subarray(CHECKSUM_BYTES)
    if (bytes !== undefined && bytes.length > 0 && file?.readUInt32BE(0) === crc32(bytes)) return bytes
    await this.drop([name])
    return undefined
  }

  async keep(name: string, bytes: Uint8Array): Promise<void> {
    if (bytes.length + CHECKSUM_BYTES > this.#maxBytes) return
    const checksum = Buffer.alloc(CHECKSUM_BYTES)
    checksum.writeUInt32BE(crc32(bytes))
    try {
      await writeFile(join(this.#directory, name), Buffer.concat([checksum, bytes]), { mode: 0o600 })
      // Only now: nobody reads what is half written.
      this.#note(name, bytes.length + CHECKSUM_BYTES)
      await this.#makeRoom()
    } catch {
      await this.drop([name])
    }
  }

  async drop(names: Iterable<string>): Promise<void> {
    for (const name of names) {
      this.#bytes -= this.#sizes.get(name) ?? 0
      this.#sizes.delete(name)
      await rm(join(this.#directory, name), { force: true }).catch(() => undefined)
    }
  }

  names(): readonly string[] {
    return [...this.#sizes.keys()]
  }

  #note(name: string, bytes: number): void {
    this.#bytes += bytes - (this.#sizes.get(name) ?? 0)
    this.#sizes.delete(name)
    this.#sizes.set(name, bytes)
  }

  async #makeRoom(): Promise<void> {
    const old: string[] = []
    let excess = this.#bytes - this.#maxBytes
    for (const [name, bytes] of this.#sizes) {
      if (excess <= 0) break
      old.push(name)
      excess -= bytes
    }
    await this.drop(old)
  }
}
