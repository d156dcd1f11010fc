import { SyncError } from '@causeway/protocol'
import { open, readdir, stat, unlink, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { diskError, errnoOf } from './disk-error.ts'

const PACK_FILE = /^(\d{8,15})\.pack$/

/** The directory that holds the packs: their names are numbers that only rise. */
export class PackFiles {
  readonly #directory: string

  constructor(directory: string) {
    this.#directory = directory
  }

  pathOf(pack: string): string {
    return join(this.#directory, `${pack}.pack`)
  }

  /** The packs that are there, oldest first. */
  async list(): Promise<string[]> {
    const names = await readdir(this.#directory)
    const packs = names.flatMap((name) => PACK_FILE.exec(name)?.[1] ?? [])
    return packs.sort((a, b) => Number(a) - Number(b))
  }

  /** Undefined where the pack is gone. */
  async size(pack: string): Promise<number | undefined> {
    try {
      return (await stat(this.pathOf(pack))).size
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined
      throw diskError(`look at the pack ${this.pathOf(pack)}`, error)
    }
  }

  /** Makes the pack that follows `last`; its name is on the disk when this resolves. */
  async create(last: string | undefined): Promise<{ pack: string; handle: FileHandle }> {
    const pack = String(Number(last ?? 0) + 1).padStart(8, '0')
    const handle = await open(this.pathOf(pack), 'wx+', 0o600)
    try {
      await this.syncDirectory()
    } catch (error) {
      await handle.close()
      throw error
    }
    return { pack, handle }
  }

  openToAppend(pack: string): Promise<FileHandle> {
    return open(this.pathOf(pack), 'r+')
  }

  async openToRead(pack: string): Promise<FileHandle> {
    try {
      return await open(this.pathOf(pack), 'r')
    } catch (cause) {
      if (errnoOf(cause) !== 'ENOENT') throw diskError(`open the pack ${this.pathOf(pack)}`, cause)
      throw new SyncError('chunk-missing', `cannot read from the pack ${pack}: it is gone`, { cause })
    }
  }

  /** A pack that is gone already is no error. */
  async remove(packs: readonly string[]): Promise<void> {
    for (const pack of packs) {
      try {
        await unlink(this.pathOf(pack))
      } catch (error) {
        if (errnoOf(error) !== 'ENOENT') throw diskError(`remove the pack ${this.pathOf(pack)}`, error)
      }
    }
    await this.syncDirectory()
  }

  async syncDirectory(): Promise<void> {
    // Windows has no way to sync a directory: there NTFS journals the name by itself.
    if (process.platform === 'win32') return
    const directory = await open(this.#directory, 'r')
    try {
      await directory.sync()
    } finally {
      await directory.close()
    }
  }
}
