import { SyncError, type ChunkId, type ContentHash, type FolderId, type Hash } from '@causeway/protocol'
import type { ChunkRow, ContentWrites, GarbageKind, MetadataWriter, NewManifest } from '../metadata-store.ts'
import { chunkId, contentHash, hash, hashCell, number, timeCell } from '../sqlite/values.ts'
import { addToFolder, forgetInFolders } from './folder-contents.ts'
import { otherList } from '../sqlite/manifest-rows.ts'
import { PackWriter } from './pack-writer.ts'

type ContentWriting =
  | 'keepContents'
  | 'addToFolder'
  | 'addChunks'
  | 'loseChunks'
  | 'forgetLost'
  | 'relocateChunks'
  | 'removeMarked'
  | 'markGarbage'
  | 'unmarkGarbage'
  | 'settleManifest'

const CHUNK_TYPES = {
  hash: 'bytea',
  pack: 'text',
  offset: 'bigint',
  stored_size: 'bigint',
  size: 'bigint',
  compressed: 'integer',
}

/** Which bytes are held, where, and which of them nobody needs. */
export class ContentWriter extends PackWriter implements Pick<MetadataWriter, ContentWriting> {
  async keepContents(folder: FolderId, contents: ContentWrites): Promise<void> {
    const key = await this.existingFolder(folder, 'keep contents of')
    await this.checkRemovals(contents)
    await this.writeContents(key, contents)
  }

  async addToFolder(folder: FolderId, hashes: readonly Hash[]): Promise<void> {
    await addToFolder(this.db, await this.existingFolder(folder, 'keep contents of'), hashes)
  }

  async addChunks(chunks: readonly ChunkRow[]): Promise<void> {
    if (chunks.length === 0) return
    const hashes = chunks.map((chunk) => hashCell(chunk.hash))
    const [, added] = await Promise.all([
      this.#countOnMarks(),
      this.db.insert('chunks', CHUNK_TYPES, chunks.map(chunkCells), 'ON CONFLICT (hash) DO NOTHING'),
      this.unmarkGarbage(
        'chunk',
        chunks.map((chunk) => chunk.hash),
      ),
      this.db.run('DELETE FROM lost_chunks WHERE hash = ANY($1::bytea[])', hashes),
      this.noteChunksIn(chunks),
    ])
    if (added < chunks.length) await this.noteEnds(chunks)
  }

  async loseChunks(hashes: readonly ChunkId[]): Promise<void> {
    const sql = `WITH gone AS (DELETE FROM chunks WHERE hash = ANY($1::bytea[]) RETURNING hash)
      INSERT INTO lost_chunks (hash) SELECT hash FROM gone ON CONFLICT (hash) DO NOTHING`
    await this.noteEnds(await this.chunks(hashes))
    const lost = await this.db.run(sql, hashes.map(hashCell))
    await this.unmarkGarbage('chunk', hashes)
    if (lost > 0) await this.#countRemoval()
  }

  async forgetLost(hashes: readonly ChunkId[]): Promise<void> {
    await this.db.run('DELETE FROM lost_chunks WHERE hash = ANY($1::bytea[])', hashes.map(hashCell))
  }

  async relocateChunks(chunks: readonly ChunkRow[]): Promise<void> {
    if (chunks.length === 0) return
    const names = Object.keys(CHUNK_TYPES).map((name) => `"${name}"`)
    const arrays = Object.values(CHUNK_TYPES).map((type, at) => `$${at + 1}::${type}[]`)
    const sql = `UPDATE chunks SET ${names
      .slice(1)
      .map((name) => `${name} = given.${name}`)
      .join(', ')}
      FROM unnest(${arrays.join(', ')}) AS given (${names.join(', ')}) WHERE chunks.hash = given.hash`
    await this.noteEnds(await this.chunks(chunks.map((chunk) => chunk.hash)))
    const rows = chunks.map(chunkCells)
    const columns = names.map((_, at) => rows.map((row) => row[at] ?? null))
    await Promise.all([this.#countOnMarks(), this.db.run(sql, ...columns), this.noteChunksIn(chunks)])
  }

  async removeMarked(kind: 'chunk' | 'manifest', marks: ReadonlyMap<Hash, string>): Promise<readonly Hash[]> {
    const unmark = `DELETE FROM garbage g USING unnest($2::text[], $3::bigint[]) AS seen (name, marked_ms)
      WHERE g.kind = $1 AND g.name = seen.name AND g.marked_ms = seen.marked_ms RETURNING decode(g.name, 'hex') AS hash`
    const rows = await this.db.all(unmark, kind, [...marks.keys()], [...marks.values()].map(timeCell))
    const removed = rows.map((row) => hash(row['hash']))
    if (removed.length === 0) return []
    if (kind === 'chunk') await this.noteEnds(await this.chunks(rows.map((row) => chunkId(row['hash']))))
    const from = kind === 'chunk' ? 'chunks WHERE hash' : 'manifests WHERE content'
    await Promise.all([
      this.db.run(`DELETE FROM ${from} = ANY($1::bytea[])`, removed.map(hashCell)),
      forgetInFolders(this.db, removed),
      this.#countRemoval(),
    ])
    return removed
  }

  async markGarbage(kind: GarbageKind, names: readonly string[], at: string): Promise<void> {
    if (names.length === 0) return
    const rows = names.map((name) => [kind, name, timeCell(at)])
    const types = { kind: 'text', name: 'text', marked_ms: 'bigint' }
    // Waits for all who count on what is held by an older reading, and has those that come later read again.
    await this.db.run('UPDATE removals SET markings = markings + 1')
    await this.db.insert('garbage', types, rows, 'ON CONFLICT (kind, name) DO NOTHING')
  }

  async unmarkGarbage(kind: GarbageKind, names: readonly string[]): Promise<void> {
    await this.db.run('DELETE FROM garbage WHERE kind = $1 AND name = ANY($2::text[])', kind, names)
  }

  /** Refuses what was decided before something was removed, and locks out removing and marking until it is written. */
  protected async checkRemovals({ decidedOn, manifests, claimed }: ContentWrites): Promise<void> {
    if (claimed.length === 0 && manifests.length === 0) return
    if ((await this.#countOnMarks()) !== decidedOn) {
      throw new SyncError('outdated', 'chunks were removed since it was looked up which are held')
    }
  }

  protected async writeContents(folder: number, { chunks, manifests, claimed }: ContentWrites): Promise<void> {
    const named = [...chunks.map((chunk) => chunk.hash), ...manifests.map(({ content }) => content), ...claimed]
    const steps: Promise<unknown>[] = [addToFolder(this.db, folder, named), this.addChunks(chunks)]
    if (claimed.length > 0) {
      const sql = "DELETE FROM garbage WHERE kind IN ('chunk', 'manifest') AND name = ANY($1::text[])"
      steps.push(this.db.run(sql, claimed))
    }
    await Promise.all([...steps, this.#keepManifests(manifests)])
  }

  async settleManifest(content: ContentHash, chunks: Uint8Array, isRight: boolean): Promise<void> {
    const sql = isRight
      ? 'UPDATE manifests SET proven = 1 WHERE content = $1 AND chunks = $2'
      : 'DELETE FROM manifests WHERE content = $1 AND chunks = $2 AND proven = 0'
    const changed = await this.db.run(sql, hashCell(content), chunks)
    if (changed > 0 && !isRight) await Promise.all([forgetInFolders(this.db, [content]), this.#countRemoval()])
  }

  /** Keeps lists as new, or finds them held already. Throws `outdated` where another list of one of the contents is. */
  async #keepManifests(manifests: readonly NewManifest[]): Promise<void> {
    if (manifests.length === 0) return
    const rows = manifests.map(({ content, chunks, size, by }) => {
      return [hashCell(content), chunks, size, by ?? null, by === null ? 1 : 0]
    })
    const types = { content: 'bytea', chunks: 'bytea', size: 'bigint', told_by: 'text', proven: 'integer' }
    const added = await this.db.insert('manifests', types, rows, 'ON CONFLICT (content) DO NOTHING')
    if (added === manifests.length) return
    const sql = `SELECT m.content FROM manifests m JOIN unnest($1::bytea[], $2::bytea[]) AS brought (content, chunks)
      ON brought.content = m.content WHERE m.chunks <> brought.chunks LIMIT 1`
    const contents = manifests.map(({ content }) => hashCell(content))
    const other = await this.db.get(
      sql,
      contents,
      manifests.map(({ chunks }) => chunks),
    )
    if (other !== undefined) throw otherList(contentHash(other['content']))
  }

  /**
   * Whoever comes to use what is held sees every mark that was made before, or is run again: the row is locked for
   * sharing, and one that was changed since this transaction's snapshot ends it.
   */
  async #countOnMarks(): Promise<number> {
    return number((await this.db.get('SELECT count FROM removals FOR SHARE'))?.['count'])
  }

  async #countRemoval(): Promise<void> {
    await this.db.run('UPDATE removals SET count = count + 1')
  }
}

function chunkCells(chunk: ChunkRow): (Uint8Array | string | number)[] {
  const { pack, offset, storedSize, size, compressed } = chunk
  return [hashCell(chunk.hash), pack, offset, storedSize, size, compressed ? 1 : 0]
}
