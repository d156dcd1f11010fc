import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf, SyncError, systemError } from '@causeway/protocol'
import {
  openObjectPackStore,
  openS3PackObjects,
  readPackDirectory,
  type MetadataStore,
  type PackObjects,
  type PackSource,
} from '@causeway/store'
import { systemClock, systemRandom, systemTimers } from '@causeway/time'
import { databaseName, isMissing, openDatabase } from '../stores/open-stores.ts'
import { lockOf } from '../stores/pack-place.ts'
import { packsPath, type Place } from './place.ts'

export interface Source {
  readonly metadata: MetadataStore
  readonly packs: PackSource
}

/**
 * Opens an installation to be copied from; nothing of it is changed. With `isAlone`, no coordinator may run on its data
 * directory meanwhile (`state-locked`).
 */
export async function openSource(
  place: Place,
  { isAlone, opened }: { readonly isAlone: boolean; readonly opened: (close: () => Promise<void>) => void },
): Promise<Source> {
  await refuseNothing(place)
  if (isAlone && (await isThere(packsPath(place)))) {
    const lock = lockOf(join(packsPath(place), 'lock'), place.dataDirectory)
    opened(async () => lock.release())
  }
  const metadata = await openDatabase(place)
  opened(() => metadata.close())
  const packs =
    place.chunks === undefined ? await readPackDirectory(packsPath(place)) : await objectPacks(place, metadata)
  opened(() => packs.close())
  return { metadata, packs }
}

async function objectPacks(place: Place, metadata: MetadataStore): Promise<PackSource> {
  if (place.chunks === undefined) throw new SyncError('internal', 'packs in a directory were opened as objects')
  const objects = await openS3PackObjects({ place: place.chunks, timers: systemTimers, random: systemRandom })
  const packs = openObjectPackStore({
    objects: wholePacks(objects),
    metadata,
    owner: () => 'a copy, which appends nothing',
    now: systemClock.now,
    maxPackBytes: place.chunks.packBytes,
  })
  return {
    read: (hash, location, reader) => packs.read(hash, location, reader),
    records: (from) => packs.records(from),
    packs: () => packs.packs(),
    identity: () => packs.identity(),
    async close() {
      await packs.close()
      objects.close()
    },
  }
}

/** A pack is read from one end to the other: one request for each, instead of one for each stretch. */
function wholePacks(objects: PackObjects): PackObjects {
  let last: { readonly pack: string; readonly bytes: Promise<Uint8Array> } | undefined
  return {
    save: (pack, bytes) => objects.save(pack, bytes),
    size: (pack) => objects.size(pack),
    list: () => objects.list(),
    remove: (packs) => objects.remove(packs),
    async read(pack, { offset, length }) {
      if (last?.pack !== pack) {
        const size = await objects.size(pack)
        if (size === null || size < offset + length) return objects.read(pack, { offset, length })
        last = { pack, bytes: objects.read(pack, { offset: 0, length: size }) }
      }
      const current = last
      try {
        return (await current.bytes).subarray(offset, offset + length)
      } catch (error) {
        if (last === current) last = undefined
        throw error
      }
    },
  }
}

async function refuseNothing(place: Place): Promise<void> {
  const isNone = !(await isThere(join(place.dataDirectory, 'coordinator.json')))
  if (isNone) {
    throw new SyncError(
      'not-found',
      `there is no coordinator in ${place.dataDirectory} (no coordinator.json): name the directory that "causeway serve" is given with --data`,
    )
  }
  if (place.databaseUrl !== null || !(await isMissing(place.databasePath))) return
  const name = databaseName(place)
  throw new SyncError(
    'not-found',
    `the database ${name} is missing or empty: if this coordinator keeps its data in PostgreSQL, name it with --database or DATABASE_URL`,
  )
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw systemError(`cannot look at ${path}`, error)
  }
}
