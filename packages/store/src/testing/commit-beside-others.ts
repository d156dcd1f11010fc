/**
 * A process that commits files beside others on one database, each decided on
 * what it read before the write: `node commit-beside-others.ts PATH NAME COUNT`.
 */
import { isSyncError } from '@causeway/protocol'
import { DOCS, fileState, newEvent, writesOf } from '../conformance/fixtures.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'

const [path = '', name = '', count = '0'] = process.argv.slice(2)
const store = await openSqliteMetadataStore({ path })
for (let done = 0; done < Number(count);) {
  try {
    await commit()
    done += 1
  } catch (error) {
    if (!isSyncError(error, 'outdated')) throw error
  }
}
await store.close()

async function commit(): Promise<void> {
  const folder = await store.read((tx) => tx.folder(DOCS))
  if (folder === undefined) throw new Error('the folder is not there')
  const seq = folder.head + 1
  const state = fileState(seq, `${name} ${seq}`)
  const events = [newEvent(seq), newEvent(seq, { path: null })]
  const writes = writesOf([state], { decidedOn: folder.revision, events, clock: { ...folder.clock, [name]: seq } })
  await store.write((tx) => tx.applyFolderWrites(writes))
}
