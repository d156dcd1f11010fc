import { join } from 'node:path'
import { makeDirectories } from '@causeway/disk'
import { isSyncError, SyncError } from '@causeway/protocol'
import {
  describeS3Place,
  holdLock,
  lookAtPackDirectory,
  lookAtPackObjects,
  openObjectPackStore,
  openPackCache,
  openPackDirectory,
  openS3PackObjects,
  packRegistry,
  type MetadataStore,
  type PackStore,
  type S3Place,
} from '@causeway/store'
import { systemClock, systemRandom, systemTimers } from '@causeway/time'
import type { DataDirectory } from './data-directory.ts'
import type { PackOwner } from './pack-owner.ts'

/** Where a coordinator's packs are. */
export interface PackPlace {
  /** For people. */
  readonly name: string
  /** How many packs there are, and whose, before anything is opened or made. */
  look(): Promise<{ readonly count: number; readonly id: string | null }>
  open(options: {
    readonly metadata: MetadataStore
    readonly owner: PackOwner
    /** No new pack gets this name, or one before it. */
    readonly last: string | undefined
  }): Promise<PackStore>
  /** After the pack store is closed. */
  close(): Promise<void>
}

/** The directory beside the database, unless an object store is named. */
export function openPackPlace(data: DataDirectory, chunks: S3Place | undefined): Promise<PackPlace> {
  return chunks === undefined ? Promise.resolve(directoryPlace(data)) : storePlace(data, chunks)
}

function directoryPlace({ path, packsPath }: DataDirectory): PackPlace {
  return {
    name: packsPath,
    look: () => lookAtPackDirectory(packsPath),
    async open({ metadata, owner, last }) {
      const registry = packRegistry(metadata, { owner: () => owner.name, now: systemClock.now })
      return openPackDirectory({ path: packsPath, after: last, registry }).catch((error: unknown) => {
        throw isSyncError(error, 'state-locked') ? isRunning(path, error) : error
      })
    },
    close: async () => undefined,
  }
}

async function storePlace({ path }: DataDirectory, place: S3Place): Promise<PackPlace> {
  const objects = await openS3PackObjects({ place, timers: systemTimers, random: systemRandom })
  const closers: (() => void)[] = [() => objects.close()]
  return {
    name: describeS3Place(place),
    look: () => lookAtPackObjects(objects),
    async open({ metadata, owner }) {
      const directory = join(path, 'pack-cache')
      await makeDirectories(directory, 0o700)
      const lock = lockOf(join(directory, 'lock'), path)
      closers.push(() => lock.release())
      const cached = await openPackCache({ objects, directory, maxBytes: place.cacheBytes })
      const { now } = systemClock
      const { packBytes: maxPackBytes } = place
      return openObjectPackStore({ objects: cached, metadata, owner: () => owner.name, now, maxPackBytes })
    },
    async close() {
      for (const close of closers.splice(0)) close()
    },
  }
}

/** One process's alone; `state-locked` says that a coordinator is running on the data directory. */
export function lockOf(path: string, dataPath: string) {
  try {
    return holdLock(path)
  } catch (error) {
    throw isSyncError(error, 'state-locked') ? isRunning(dataPath, error) : error
  }
}

function isRunning(dataPath: string, cause: unknown): SyncError {
  return new SyncError('state-locked', `a coordinator is already running on ${dataPath}`, { cause })
}
