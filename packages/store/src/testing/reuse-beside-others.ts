/**
 * A process that gives one file contents in turn which others use and drop as
 * well, and collects garbage between: `node reuse-beside-others.ts PATH ENTRY COUNT`.
 * Each commit is decided on what it read before; a chunk that is there is counted on, one that is not is brought.
 */
import { contentOfOnlyChunk, isSyncError } from '@causeway/protocol'
import { setTimeout as sleep } from 'node:timers/promises'
import { collectGarbage } from '../collection/collect-garbage.ts'
import { DOCS, fileState, hashOf, idOf, versionRow, writesOf } from '../conformance/fixtures.ts'
import { openMemoryPackStore } from '../packs/open-memory-pack-store.ts'
import { openMetadata } from './open-metadata.ts'

const CONTENTS = 3

const [path = '', entry = '0', count = '0'] = process.argv.slice(2)
const store = await openMetadata(path)
const packs = openMemoryPackStore()
let before: number | undefined
for (let done = 0; done < Number(count);) {
  try {
    before = await commit(`content ${(done + Number(entry)) % CONTENTS}`)
    done += 1
    if (done % 5 === 0) await collectGarbage({ metadata: store, packs, now: Date.now, graceMs: 0 })
  } catch (error) {
    if (!isSyncError(error, 'outdated')) throw error
  }
}
await store.close()

async function commit(text: string): Promise<number> {
  const hash = hashOf(text)
  const found = await store.read(async (tx) => {
    const folder = await tx.folder(DOCS)
    if (folder === undefined) throw new Error('the folder is not there')
    return { folder, removals: await tx.removals(), isHeld: (await tx.chunks([hash])).length > 0 }
  })
  // Others write meanwhile.
  await sleep(Math.random() * 3)
  const { folder, removals, isHeld } = found
  const seq = folder.head + 1
  const content = { kind: 'file' as const, hash: contentOfOnlyChunk(hash), size: 10, mode: 0o644, mtimeNs: '0' }
  const state = fileState(seq, `file ${entry}`, { id: idOf(Number(entry)), content })
  const row = { hash, pack: `${entry} ${seq}`, offset: 0, storedSize: 10, size: 10, compressed: false }
  const contents = {
    decidedOn: removals,
    chunks: isHeld ? [] : [row],
    manifests: [],
    claimed: isHeld ? [hash] : [],
  }
  await store.write(async (tx) => {
    await tx.applyFolderWrites(
      writesOf([state], { decidedOn: folder.revision, clock: folder.clock, versions: [versionRow(state)], contents }),
    )
    if (before !== undefined) await tx.removeVersions(DOCS, [before])
  })
  return seq
}
