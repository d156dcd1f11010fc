import { stat } from 'node:fs/promises'
import { errnoOf, SyncError, systemError } from '@causeway/protocol'
import {
  databaseAddress,
  openPostgresMetadataStore,
  openSqliteMetadataStore,
  type MetadataStore,
  type PackStore,
  type S3Place,
} from '@causeway/store'
import { systemRandom, uuidOf } from '@causeway/time'
import type { DataDirectory } from './data-directory.ts'
import { PACKS_SETTING } from '../upkeep/pack-watch.ts'
import { openPackOwner } from './pack-owner.ts'
import { refuseUnserved } from './moved.ts'
import { openPackPlace } from './pack-place.ts'
import { mismatchOf, mismatchText, type StoreFacts } from './binding.ts'

export interface OpenStores {
  /** The coordinator's id. */
  readonly id: string
  readonly metadata: MetadataStore
  readonly packs: PackStore
}

export interface OpenStoresOptions {
  readonly data: DataDirectory
  readonly databasePath: string
  /** A PostgreSQL in place of the file. */
  readonly databaseUrl?: string | null
  /** Where packs are, if not in the data directory. */
  readonly chunks?: S3Place | undefined
  /** A person said that index and packs are to be brought together, whatever they were. */
  readonly rebuild: boolean
  /** Called with how to close each store once it is open. */
  readonly opened: (close: () => Promise<void>) => void
}

/** Where the database keeps the id of its coordinator. */
const COORDINATOR_SETTING = 'coordinator'
/** Chunks that are tried where only the contents tell whether packs and index belong together. */
const TRIED_CHUNKS = 64

/**
 * Opens database and packs, and binds those of a first start, or of an older
 * installation, to each other. Throws `store-mismatch`, with the ways on, where
 * they do not belong together; then nothing was changed.
 */
export async function openStores(options: OpenStoresOptions): Promise<OpenStores> {
  const { data, databasePath, databaseUrl = null, rebuild, opened } = options
  const place = await openPackPlace(data, options.chunks)
  opened(() => place.close())
  const refuse = (facts: StoreFacts): void => {
    const mismatch = mismatchOf(facts)
    if (mismatch === null || (rebuild && mismatch !== 'other-coordinator')) return
    const paths = { data: data.path, database: databaseName(options), packs: place.name }
    throw new SyncError('store-mismatch', mismatchText(mismatch, paths))
  }

  const found = await place.look()
  const isNew = databaseUrl === null && (await isMissing(databasePath))
  // Before a database is made that would then be in the way of the right one.
  if (isNew) {
    refuse({
      coordinator: { directory: data.id, database: null },
      database: 'missing',
      packs: { ...found, wanted: null, index: 'empty' },
    })
  }
  const metadata = await openDatabase(options)
  opened(() => metadata.close())
  await metadata.read((tx) => refuseUnserved(tx, databaseName(options), data.path))
  const noted = await metadata.read(async (tx) => ({
    coordinator: (await tx.setting(COORDINATOR_SETTING)) ?? null,
    packs: (await tx.setting(PACKS_SETTING)) ?? null,
    isInUse: (await tx.folders()).length > 0,
    last: highest((await tx.packs()).map(({ pack }) => pack)),
  }))
  const owner = await openPackOwner(metadata)
  opened(() => owner.stop())
  const packs = await place.open({ metadata, owner, last: noted.last })
  opened(() => packs.close())
  const isBound = noted.packs !== null && noted.packs === found.id
  refuse({
    coordinator: { directory: data.id, database: noted.coordinator },
    database: noted.isInUse || noted.coordinator !== null ? 'in-use' : 'empty',
    packs: { ...found, wanted: noted.packs, index: isBound ? 'fits' : await tryIndex(metadata, packs) },
  })

  // The database first: without it, the notes beside it mean that it was lost.
  const { id, packsId } = await bind(metadata, { id: data.id, packsId: found.id })
  if (found.id !== packsId) await packs.setIdentity(packsId)
  if (data.id !== id) await data.keepId(id)
  return { id, metadata, packs }
}

/**
 * Notes whose the database is, where that is not noted yet. Several may start at once on one that is new: what the
 * first has noted holds for all.
 */
async function bind(
  metadata: MetadataStore,
  found: { readonly id: string | null; readonly packsId: string | null },
): Promise<{ readonly id: string; readonly packsId: string }> {
  return metadata.write(async (tx) => {
    const noted = { id: await tx.setting(COORDINATOR_SETTING), packsId: await tx.setting(PACKS_SETTING) }
    const id = noted.id ?? found.id ?? uuidOf(systemRandom)
    const packsId = found.packsId ?? noted.packsId ?? uuidOf(systemRandom)
    if (noted.id !== id) await tx.putSetting(COORDINATOR_SETTING, id)
    if (noted.packsId !== packsId) await tx.putSetting(PACKS_SETTING, packsId)
    return { id, packsId }
  })
}

export function openDatabase({
  databasePath,
  databaseUrl = null,
}: Pick<OpenStoresOptions, 'databasePath' | 'databaseUrl'>): Promise<MetadataStore> {
  return databaseUrl === null
    ? openSqliteMetadataStore({ path: databasePath })
    : openPostgresMetadataStore({ url: databaseUrl })
}

/** For people and logs. */
export function databaseName({
  databasePath,
  databaseUrl = null,
}: Pick<OpenStoresOptions, 'databasePath' | 'databaseUrl'>): string {
  return databaseUrl === null ? databasePath : databaseAddress(databaseUrl).name
}

export async function isMissing(path: string): Promise<boolean> {
  try {
    return (await stat(path)).size === 0
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true
    throw systemError(`cannot look at the database ${path}`, error)
  }
}

/** One sound chunk is enough: no other packs hold the same hash in the same place. */
async function tryIndex(metadata: MetadataStore, packs: PackStore): Promise<StoreFacts['packs']['index']> {
  const rows = await metadata.read((tx) => tx.chunksAfter(undefined, TRIED_CHUNKS))
  if (rows.length === 0) return 'empty'
  for (const row of rows) {
    const isThere = await packs.read(row.hash, row).then(
      () => true,
      () => false,
    )
    if (isThere) return 'fits'
  }
  return 'does-not-fit'
}

function highest(packs: readonly string[]): string | undefined {
  return packs.reduce<string | undefined>((last, pack) => (Number(pack) > Number(last ?? 0) ? pack : last), undefined)
}
