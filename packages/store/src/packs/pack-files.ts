import { SyncError } from '@causeway/protocol'
import { mkdir, open, readdir, readFile, rename, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeDirectories } from '@causeway/disk'
import { diskError, errnoOf } from './disk-error.ts'
import { packName } from './pack-name.ts'

const PACK_FILE = /^(\d{8,15})\.pack$/

const IDENTITY_FILE = 'identity.json'

/** Which directory it is, and whether it is the root of a disk of its own. */
interface Whereabouts {
  readonly device: bigint
  readonly inode: bigint
  readonly parentDevice: bigint
}

/** The directory that holds the packs: their names are numbers that only rise. */
export class PackFiles {
  readonly #directory: string
  readonly #opened: Whereabouts

  private constructor(directory: string, opened: Whereabouts) {
    this.#directory = directory
    this.#opened = opened
  }

  /** Makes the directory where it is missing. */
  static async open(directory: string): Promise<PackFiles> {
    await makeDirectories(directory, 0o700)
    const files = await PackFiles.find(directory)
    if (files === undefined) throw new SyncError('io-error', `cannot open the pack directory ${directory}: it is gone`)
    return files
  }

  /** Undefined where there is no such directory. */
  static async find(directory: string): Promise<PackFiles | undefined> {
    const opened = await whereaboutsOf(directory)
    return opened && new PackFiles(directory, opened)
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

  /**
   * True while the directory is the one that was opened, or where somebody
   * removed that from a disk which is still there: then it is made again.
   */
  async isInPlace(): Promise<boolean> {
    const { device, inode, parentDevice } = this.#opened
    const found = await whereaboutsOf(this.#directory)
    if (found !== undefined && found.device === device && found.inode === inode) return true
    // What was a mount point is empty, or another directory, when its disk is gone.
    if (device !== parentDevice) return false
    if (found !== undefined) return found.device === device
    const parent = await stat(dirname(this.#directory), { bigint: true }).catch(() => undefined)
    if (parent?.dev !== parentDevice) return false
    await mkdir(this.#directory, { mode: 0o700 })
    return true
  }

  async readIdentity(): Promise<string | null> {
    const path = join(this.#directory, IDENTITY_FILE)
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return null
      throw diskError(`read ${path}`, error)
    }
    const id = /"id": *"([0-9a-zA-Z-]{8,64})"/.exec(text)?.[1]
    if (id === undefined) throw new SyncError('io-error', `${path} is damaged: it names no id of these packs`)
    return id
  }

  /** Whole or not at all, also after power loss. */
  async writeIdentity(id: string): Promise<void> {
    const path = join(this.#directory, IDENTITY_FILE)
    const file = await open(`${path}.new`, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify({ id, format: 1 }, null, 2)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await this.syncDirectory()
  }

  /** Makes the pack that follows `last`; its name is on the disk when this resolves. */
  async create(last: string | undefined): Promise<{ pack: string; handle: FileHandle }> {
    if (!(await this.isInPlace())) {
      throw new SyncError('io-error', `the pack directory ${this.#directory} is not where it was: is its disk mounted?`)
    }
    const pack = packName(Number(last ?? 0) + 1)
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

/** Undefined where the directory is gone. */
async function whereaboutsOf(directory: string): Promise<Whereabouts | undefined> {
  try {
    const [own, parent] = await Promise.all([
      stat(directory, { bigint: true }),
      stat(dirname(directory), { bigint: true }),
    ])
    return { device: own.dev, inode: own.ino, parentDevice: parent.dev }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw diskError(`look at the pack directory ${directory}`, error)
  }
}
