/**
 * A process that commits to two folders at once through several handles, beside others on one PostgreSQL:
 * `node commit-to-two.ts URL NAME COUNT`. Each commit is decided on what was read before it.
 */
import { isSyncError, type FolderId } from '@causeway/protocol'
import { DOCS, fileState, newEvent, PHOTOS, versionRow, writesOf } from '../conformance/fixtures.ts'
import type { MetadataStore } from '../metadata-store.ts'
import { openPostgresMetadataStore } from '../postgres/open-postgres-metadata-store.ts'

const [url = '', name = '', count = '0'] = process.argv.slice(2)
const stores = await Promise.all([1, 2].map(() => openPostgresMetadataStore({ url, connections: 3 })))
const writers = stores.flatMap((store, at) => [DOCS, PHOTOS].map((folder) => ({ store, folder, who: `${name}${at}` })))
await Promise.all(writers.map(commitMany))
await Promise.all(stores.map((store) => store.close()))

async function commitMany(writer: { store: MetadataStore; folder: FolderId; who: string }): Promise<void> {
  for (let done = 0; done < Number(count);) {
    try {
      await commit(writer, done + 1)
      done += 1
    } catch (error) {
      if (!isSyncError(error, 'outdated')) throw error
    }
  }
}

/** `counter` is the writer's own: each is to be found once. */
async function commit(
  { store, folder: id, who }: { store: MetadataStore; folder: FolderId; who: string },
  counter: number,
): Promise<void> {
  const folder = await store.read((tx) => tx.folder(id))
  if (folder === undefined) throw new Error('the folder is not there')
  const seq = folder.head + 1
  const state = fileState(seq, `${who} ${counter}`)
  const versions = [{ ...versionRow(state), folder: id }]
  const events = [1, 2].map(() => newEvent(seq, { folder: id, path: `${who} ${counter}` }))
  const clock = { ...folder.clock, [who]: counter }
  const writes = { ...writesOf([state], { decidedOn: folder.revision, events, clock, versions }), folder: id }
  await store.write((tx) => tx.applyFolderWrites(writes), id)
}
