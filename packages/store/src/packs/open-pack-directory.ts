import { join } from 'node:path'
import { holdLock, type Lock } from '../hold-lock.ts'
import type { PackLocation, PackStore, StoredChunk } from '../pack-store.ts'
import { diskError } from './disk-error.ts'
import { PackAppender } from './pack-appender.ts'
import { PackFiles } from './pack-files.ts'
import { PackDirectoryReader } from './pack-directory-reader.ts'
import { NO_REGISTRY, type PackRegistry } from './pack-registry.ts'
import { HEADER_BYTES } from './record.ts'
import { cleanEnd } from './scan-pack.ts'

export interface PackDirectoryOptions {
  /** Made where it is missing. */
  readonly path: string
  /** A pack grows to about this size; only a single chunk that is larger makes a larger one. */
  readonly maxPackBytes?: number
  /** New packs are named after this one, too: a name that an index knows is not given out again. */
  readonly after?: string | undefined
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
  /** Where it is noted who fills which pack; must be given where others collect from these packs. */
  readonly registry?: PackRegistry
}

const DEFAULT_PACK_BYTES = 64 * 1024 * 1024

/**
 * Opens a directory of packs, for this process alone: `state-locked` where
 * another has it open.
 *
 * What a crash left behind the last complete record stays where it is and is
 * passed over; new records then go to a new pack, so nothing that was ever
 * acknowledged is cut off by mistake.
 */
export async function openPackDirectory(options: PackDirectoryOptions): Promise<PackStore> {
  const {
    path,
    maxPackBytes = DEFAULT_PACK_BYTES,
    after,
    now = () => performance.now(),
    registry = NO_REGISTRY,
  } = options
  const files = await PackFiles.open(path).catch((error: unknown) => {
    throw diskError(`open the pack directory ${path}`, error)
  })
  const lock = holdLock(join(path, 'lock'))
  try {
    await files.syncDirectory()
    const newest = (await files.list()).at(-1)
    const isNewest = newest !== undefined && Number(after ?? 0) <= Number(newest)
    const last = isNewest ? newest : after
    const current = isNewest ? await openToGoOn(files, newest, { maxPackBytes, registry }) : undefined
    return new PackDirectory(files, lock, new PackAppender(files, { maxPackBytes, last, current, now, registry }))
  } catch (error) {
    lock.release()
    throw diskError(`open the pack directory ${path}`, error)
  }
}

/** How many packs a directory holds, and whose they are, without opening or making anything. */
export async function lookAtPackDirectory(
  path: string,
): Promise<{ readonly count: number; readonly id: string | null }> {
  const files = await PackFiles.find(path)
  if (files === undefined) return { count: 0, id: null }
  return { count: (await files.list()).length, id: await files.readIdentity() }
}

class PackDirectory extends PackDirectoryReader implements PackStore {
  readonly recordOverheadBytes = HEADER_BYTES
  readonly isShared = false
  readonly #files: PackFiles
  readonly #lock: Lock
  readonly #appender: PackAppender
  #closed = false

  constructor(files: PackFiles, lock: Lock, appender: PackAppender) {
    super(files)
    this.#files = files
    this.#lock = lock
    this.#appender = appender
  }

  append(chunks: readonly StoredChunk[]): Promise<readonly PackLocation[]> {
    return this.#appender.append(chunks)
  }

  async finish(pack: string): Promise<number> {
    return (await this.#files.size(pack)) ?? 0
  }

  async removePacks(packs: readonly string[]): Promise<void> {
    await this.#appender.seal(new Set(packs))
    await this.#files.remove(packs)
    await this.letGoOf(packs)
  }

  async letGo(packs: readonly string[]): Promise<void> {
    await this.#appender.seal(new Set(packs))
    await this.letGoOf(packs)
  }

  async setIdentity(id: string): Promise<void> {
    try {
      await this.#files.writeIdentity(id)
    } catch (error) {
      throw diskError('note whose packs these are', error)
    }
  }

  isInPlace(): Promise<boolean> {
    return this.#files.isInPlace()
  }

  get failures(): readonly string[] {
    const { failure } = this.#appender
    return [...(failure === undefined ? [] : [failure]), ...this.readFailures]
  }

  override async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#appender.close()
    await super.close()
    this.#lock.release()
  }
}

/** The last pack, where its end is whole and nobody has sealed it. Who filled it before is gone: the lock says so. */
async function openToGoOn(
  files: PackFiles,
  last: string,
  { maxPackBytes, registry }: { readonly maxPackBytes: number; readonly registry: PackRegistry },
) {
  const handle = await files.openToAppend(last)
  const { size } = await handle.stat()
  const end = size < maxPackBytes ? await cleanEnd(handle, size) : undefined
  const mayGoOn = await registry.open(last)
  if (mayGoOn && end !== undefined) return { pack: last, handle, end }
  if (mayGoOn) await registry.seal(last, size)
  await handle.close()
  return undefined
}
