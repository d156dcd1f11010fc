import type { ChunkId, ContentHash, FolderId, Hash } from '@causeway/protocol'
import type { Asker, ChunkRow, GarbageKind, ManifestRow, MetadataReader, PackRow, PackTail } from '../metadata-store.ts'
import { chunkOf } from '../sqlite/rows.ts'
import { bytes, chunkId, contentHash, hashCell, number, text, textOrNull, time } from '../sqlite/values.ts'
import { KEY } from './entry-reader.ts'
import { contentsFor } from './folder-contents.ts'
import { LogReader } from './log-reader.ts'

const PAGE_ROWS = 1000

type ContentReads =
  | 'manifest'
  | 'chunks'
  | 'removals'
  | 'contentsFor'
  | 'referencedContents'
  | 'manifestsAfter'
  | 'chunksAfter'
  | 'packs'
  | 'packTail'
  | 'packTails'
  | 'lostCount'
  | 'lostAmong'
  | 'lostAfter'
  | 'garbageMarks'

/** Which bytes are held, and where. */
export class ContentReader extends LogReader implements Pick<MetadataReader, ContentReads> {
  async manifest(content: ContentHash): Promise<Uint8Array | undefined> {
    const row = await this.db.get('SELECT chunks FROM manifests WHERE content = $1', hashCell(content))
    return row && bytes(row['chunks'])
  }

  async chunks(hashes: readonly ChunkId[]): Promise<readonly ChunkRow[]> {
    const rows = await this.db.all('SELECT * FROM chunks WHERE hash = ANY($1::bytea[])', hashes.map(hashCell))
    return rows.map(chunkOf)
  }

  contentsFor(asker: Asker, hashes: readonly Hash[]): Promise<ReadonlySet<Hash>> {
    return contentsFor(this.db, asker, hashes)
  }

  async removals(): Promise<number> {
    return number((await this.db.get('SELECT count FROM removals'))?.['count'])
  }

  async *referencedContents(folder: FolderId): AsyncGenerator<ContentHash> {
    for (const source of ['entries WHERE deleted = 0 AND', 'versions WHERE']) {
      const sql = `SELECT seq, hash FROM ${source} folder = ${KEY} AND seq > $2 AND hash IS NOT NULL ORDER BY seq LIMIT $3`
      for (let after = 0; ;) {
        const rows = await this.db.all(sql, folder, after, PAGE_ROWS)
        for (const row of rows) yield contentHash(row['hash'])
        const last = rows.at(-1)
        if (!last || rows.length < PAGE_ROWS) break
        after = number(last['seq'])
      }
    }
  }

  async manifestsAfter(order: number, limit: number): Promise<readonly ManifestRow[]> {
    const sql = 'SELECT key, content, chunks FROM manifests WHERE key > $1 ORDER BY key LIMIT $2'
    return (await this.db.all(sql, order, limit)).map((row) => ({
      order: number(row['key']),
      content: contentHash(row['content']),
      chunks: bytes(row['chunks']),
    }))
  }

  async chunksAfter(after: ChunkId | undefined, limit: number): Promise<readonly ChunkRow[]> {
    const sql = 'SELECT * FROM chunks WHERE hash > $1 ORDER BY hash LIMIT $2'
    return (await this.db.all(sql, startAfter(after), limit)).map(chunkOf)
  }

  async packs(): Promise<readonly PackRow[]> {
    // A pack's chunks do not overlap: the last to begin is the last to end.
    const sql = `SELECT name, state, owner, bytes, sealed_ms, greatest(known_to, (
        SELECT c."offset" + c.stored_size FROM chunks c WHERE c.pack = packs.name ORDER BY c."offset" DESC LIMIT 1
      )) AS known_to
      FROM packs ORDER BY name`
    return (await this.db.all(sql)).map((row) => ({
      pack: text(row['name']),
      knownTo: number(row['known_to']),
      state: text(row['state']),
      owner: textOrNull(row['owner']),
      sealed: row['sealed_ms'] === null ? null : { bytes: number(row['bytes']), at: time(row['sealed_ms']) },
    }))
  }

  async packTail(
    pack: string,
    within: Parameters<MetadataReader['packTail']>[1] = { offset: 0, length: Number.MAX_SAFE_INTEGER },
  ): Promise<readonly PackTail[]> {
    const sql = `SELECT "offset", bytes FROM pack_tails
      WHERE pack = $1 AND "offset" < $2 AND "offset" + length(bytes) > $3 ORDER BY "offset"`
    const rows = await this.db.all(sql, pack, within.offset + within.length, within.offset)
    return rows.map((row) => ({ offset: number(row['offset']), bytes: bytes(row['bytes']) }))
  }

  async packTails(): Promise<readonly { readonly pack: string; readonly bytes: number }[]> {
    const rows = await this.db.all('SELECT pack, sum(length(bytes))::bigint AS bytes FROM pack_tails GROUP BY pack')
    return rows.map((row) => ({ pack: text(row['pack']), bytes: number(row['bytes']) }))
  }

  async lostCount(): Promise<number> {
    return number((await this.db.get('SELECT count(*) AS lost FROM lost_chunks'))?.['lost'])
  }

  async lostAmong(hashes: readonly ChunkId[]): Promise<readonly ChunkId[]> {
    const rows = await this.db.all('SELECT hash FROM lost_chunks WHERE hash = ANY($1::bytea[])', hashes.map(hashCell))
    return rows.map((row) => chunkId(row['hash']))
  }

  async lostAfter(after: ChunkId | undefined, limit: number): Promise<readonly ChunkId[]> {
    const sql = 'SELECT hash FROM lost_chunks WHERE hash > $1 ORDER BY hash LIMIT $2'
    return (await this.db.all(sql, startAfter(after), limit)).map((row) => chunkId(row['hash']))
  }

  async garbageMarks(kind: GarbageKind): Promise<ReadonlyMap<string, string>> {
    const rows = await this.db.all('SELECT name, marked_ms FROM garbage WHERE kind = $1', kind)
    return new Map(rows.map((row) => [text(row['name']), time(row['marked_ms'])]))
  }
}

function startAfter(after: ChunkId | undefined): Uint8Array {
  return after === undefined ? new Uint8Array() : hashCell(after)
}
