import { access, chmod, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { SyncError, systemError, type FolderId } from '@causeway/protocol'
import { makeDirectories } from '@causeway/replica'
import { openNodeKey, type NodeKey } from './identity.ts'
import { stateLocations, type StateLocations } from './locations.ts'
import { lockState } from './lock.ts'
import { readNodeRecord, writeNodeRecord, type Binding, type NodeRecord } from './node-record.ts'

/** A state directory that this process alone works with. */
export interface StateDirectory {
  readonly locations: StateLocations
  readonly key: NodeKey
  /** `undefined` until the node has enrolled. */
  readonly record: NodeRecord | undefined
  save(record: Omit<NodeRecord, 'format'>): Promise<void>
  databaseOf(folder: FolderId): string
  release(): Promise<void>
}

/** Opens (and makes) a state directory for a node that runs. Throws `state-locked`. */
export async function openStateDirectory(root: string): Promise<StateDirectory> {
  const locations = stateLocations(root)
  await makePrivate(locations.root)
  const lock = await lockState(locations)
  try {
    await makePrivate(locations.folders)
    const key = await openNodeKey(locations.key)
    let record = await readNodeRecord(locations.node)
    return {
      locations,
      key,
      get record() {
        return record
      },
      async save(changed) {
        await writeNodeRecord(locations.node, changed)
        record = await readNodeRecord(locations.node)
      },
      databaseOf: (folder) => join(locations.folders, `${folder}.sqlite`),
      release: () => lock.release(),
    }
  } catch (error) {
    await lock.release()
    throw error
  }
}

/** What an enrolled node is, read without the lock: for commands beside a running node. Throws `not-found`. */
export async function readEnrolment(
  root: string,
): Promise<{ record: NodeRecord; key: NodeKey; locations: StateLocations }> {
  const locations = stateLocations(root)
  const record = await readNodeRecord(locations.node)
  if (record === undefined) {
    throw new SyncError(
      'not-found',
      `${root} belongs to no enrolled node: join one first, or name its directory with --state`,
    )
  }
  return { record, key: await openNodeKey(locations.key), locations }
}

/** Remembers what former contents may take on the disk, where that was said. */
export async function setBaseCache(state: StateDirectory, baseCacheBytes: number | undefined): Promise<void> {
  const { record } = state
  if (record === undefined || baseCacheBytes === undefined || record.baseCacheBytes === baseCacheBytes) return
  await state.save({ ...record, baseCacheBytes })
}

/** The record with one binding added, or put in the place of the same folder's. */
export function withBinding(record: NodeRecord, binding: Binding): NodeRecord {
  const others = record.folders.filter(({ folder }) => folder !== binding.folder)
  return { ...record, folders: [...others, binding] }
}

async function makePrivate(path: string): Promise<void> {
  try {
    if (await makeDirectories(path, 0o700)) await chmod(path, 0o700)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw systemError(`cannot use ${path} as a state directory`, cause)
  }
}
