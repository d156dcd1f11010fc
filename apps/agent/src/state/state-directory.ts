import { access, chmod, constants, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ensurePrivateFile, makeDirectories } from '@causeway/disk'
import { SyncError, systemError, type FolderId } from '@causeway/protocol'
import { openNodeKey, type NodeKey } from './identity.ts'
import { stateLocations, type StateLocations } from './locations.ts'
import { lockState } from './lock.ts'
import { readNodeRecord, writeNodeRecord, type Binding, type FormerBinding, type NodeRecord } from './node-record.ts'

/** A state directory that this process alone works with. */
export interface StateDirectory {
  readonly locations: StateLocations
  readonly key: NodeKey
  /** `undefined` until the node has enrolled. */
  readonly record: NodeRecord | undefined
  save(record: Omit<NodeRecord, 'format'>): Promise<void>
  /** Changes the record as it then is; one change at a time. Nothing happens while the node has not enrolled. */
  update(change: (record: NodeRecord) => NodeRecord): Promise<void>
  databaseOf(folder: FolderId): string
  /** The same, to be opened: the file is there, and is this user's alone. SQLite would go by the umask. */
  privateDatabaseOf(folder: FolderId): string
  /** Forgets what was known of a folder: whoever carries it again begins anew. */
  forgetFolder(folder: FolderId): Promise<void>
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
    let updating: Promise<unknown> = Promise.resolve()
    async function save(changed: Omit<NodeRecord, 'format'>): Promise<void> {
      await writeNodeRecord(locations.node, changed)
      record = await readNodeRecord(locations.node)
    }
    return {
      locations,
      key,
      get record() {
        return record
      },
      save,
      update(change) {
        const updated = updating.then(async () => {
          if (record !== undefined) await save(change(record))
        })
        updating = updated.catch(() => undefined)
        return updated
      },
      databaseOf: (folder) => join(locations.folders, `${folder}.sqlite`),
      privateDatabaseOf(folder) {
        const path = join(locations.folders, `${folder}.sqlite`)
        try {
          ensurePrivateFile(path)
        } catch (cause) {
          throw systemError(`cannot use the database ${path}`, cause)
        }
        return path
      },
      async forgetFolder(folder) {
        const database = join(locations.folders, `${folder}.sqlite`)
        for (const file of ['', '-wal', '-shm']) await rm(database + file, { force: true })
      },
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

/** Remembers below which directory (absolute) given folders are taken, where that was said. */
export async function setAcceptInto(state: StateDirectory, acceptInto: string | undefined): Promise<void> {
  const { record } = state
  if (record === undefined || acceptInto === undefined || record.acceptInto === acceptInto) return
  await state.save({ ...record, acceptInto })
}

/** Remembers what former contents may take on the disk, where that was said. */
export async function setBaseCache(state: StateDirectory, baseCacheBytes: number | undefined): Promise<void> {
  const { record } = state
  if (record === undefined || baseCacheBytes === undefined || record.baseCacheBytes === baseCacheBytes) return
  await state.save({ ...record, baseCacheBytes })
}

/** Remembers where other nodes may fetch chunks from this one, where that was said; null for nowhere. */
export async function setPeers(state: StateDirectory, peers: NodeRecord['peers'] | null): Promise<void> {
  const { record } = state
  if (record === undefined || peers === undefined) return
  const { peers: _, ...others } = record
  await state.save({ ...others, ...(peers !== null && { peers }) })
}

/** The record with one binding added, or put in the place of the same folder's. */
export function withBinding(record: NodeRecord, binding: Binding): NodeRecord {
  const others = record.folders.filter(({ folder }) => folder !== binding.folder)
  const former = record.former?.filter(({ folder }) => folder !== binding.folder)
  return { ...record, folders: [...others, binding], ...(former !== undefined && { former }) }
}

const FORMER_KEPT = 100

/** The record with a folder's binding among those that are over. */
export function withoutBinding(
  record: NodeRecord,
  folder: FolderId,
  end: Pick<FormerBinding, 'why' | 'endedAt'>,
): NodeRecord {
  const binding = record.folders.find((bound) => bound.folder === folder)
  if (binding === undefined) return record
  const former = (record.former ?? []).filter((known) => known.folder !== folder)
  return {
    ...record,
    folders: record.folders.filter((bound) => bound !== binding),
    former: [...former, { ...binding, ...end }].slice(-FORMER_KEPT),
  }
}

/** Nothing else is in it than what a node puts there: a directory of other things stays as its owner has it. */
async function isOursAlone(path: string): Promise<boolean> {
  const own = /^(node\.json|node\.key|lock\.json|control\.sock|folders|.*\.sqlite(-wal|-shm)?|.*\.counter)$/
  return (await readdir(path)).every((name) => own.test(name))
}

async function makePrivate(path: string): Promise<void> {
  try {
    const isNew = await makeDirectories(path, 0o700)
    if (isNew || (await isOursAlone(path))) await chmod(path, 0o700)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (cause) {
    throw systemError(`cannot use ${path} as a state directory`, cause)
  }
}
