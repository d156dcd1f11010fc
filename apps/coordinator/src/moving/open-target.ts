import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectories, readFileIfThere } from '@causeway/disk'
import { SyncError, systemError } from '@causeway/protocol'
import { copyState, type MetadataStore, type PackStore } from '@causeway/store'
import { systemRandom, uuidOf } from '@causeway/time'
import { openDataDirectory } from '../stores/data-directory.ts'
import { openDatabase } from '../stores/open-stores.ts'
import { openPackOwner } from '../stores/pack-owner.ts'
import { openPackPlace } from '../stores/pack-place.ts'
import { packsName, type Place } from './place.ts'

export interface Target {
  readonly metadata: MetadataStore
  /** Null where the packs stay where they are. */
  readonly packs: PackStore | null
  /** Who appends to them. */
  readonly owner: string | null
  /** The packs' own id, given to them if they had none; null where they stay where they are. */
  bindPacks(): Promise<string | null>
}

export interface TargetOptions {
  /** The data directory of the source. */
  readonly from: string
  readonly withPacks: boolean
  readonly opened: (close: () => Promise<void>) => void
}

/** What makes a data directory the same coordinator's; the keys are in the database as well. */
const IDENTITY_FILES = ['coordinator.json', 'admin.token', 'tls-keys.json']

/** Opens where an installation is copied to, making what is not there. Throws `already-exists` where packs are there of which the database knows nothing. */
export async function openTarget(place: Place, { from, withPacks, opened }: TargetOptions): Promise<Target> {
  if (place.dataDirectory !== from) await copyIdentity(from, place.dataDirectory)
  const data = await openDataDirectory(place.dataDirectory)
  const packPlace = withPacks ? await openPackPlace(data, place.chunks) : null
  if (packPlace !== null) opened(() => packPlace.close())
  const found = await packPlace?.look()
  const metadata = await openDatabase(place)
  opened(() => metadata.close())
  const isResumed = (await metadata.read(copyState)) !== undefined
  if (found !== undefined && found.count > 0 && !isResumed) {
    throw new SyncError(
      'already-exists',
      `${packsName(place)} holds packs already, and the database to copy to knows nothing of them: name an empty place`,
    )
  }
  if (packPlace === null) return { metadata, packs: null, owner: null, bindPacks: async () => null }
  const owner = await openPackOwner(metadata)
  opened(() => owner.stop())
  const packs = await packPlace.open({ metadata, owner, last: undefined })
  opened(() => packs.close())
  return {
    metadata,
    packs,
    get owner() {
      return owner.name
    },
    async bindPacks() {
      const id = found?.id ?? (await packs.identity()) ?? uuidOf(systemRandom)
      await packs.setIdentity(id)
      return id
    },
  }
}

async function copyIdentity(from: string, to: string): Promise<void> {
  await makeDirectories(to, 0o700)
  const [ours, theirs] = await Promise.all([
    readFileIfThere(join(from, 'coordinator.json')),
    readFileIfThere(join(to, 'coordinator.json')),
  ])
  if (theirs !== undefined && theirs !== ours) {
    throw new SyncError(
      'already-exists',
      `${to} belongs to another coordinator (coordinator.json): name an empty directory`,
    )
  }
  for (const name of IDENTITY_FILES) {
    if ((await readFileIfThere(join(from, name))) === undefined) continue
    await copyFile(join(from, name), join(to, name)).catch((error: unknown) => {
      throw systemError(`cannot copy ${join(from, name)} to ${to}`, error)
    })
  }
}
