import { SyncError, type FolderId } from '@causeway/protocol'
import type { MetadataWriter, PackRow } from '../metadata-store.ts'
import { packName } from '../packs/pack-name.ts'
import { number, text, timeCell } from '../sqlite/values.ts'
import { noSuchFolder } from './no-such-folder.ts'
import { PostgresReader } from './postgres-reader.ts'

type PackWrites =
  | 'notePacks'
  | 'openPack'
  | 'beginPack'
  | 'addPackTail'
  | 'dropPackTail'
  | 'sealPack'
  | 'retirePacks'
  | 'losePacks'

const PACK_TYPES = { name: 'text', known_to: 'bigint', state: 'text' }

/** What is known of the packs that chunks lie in. */
export class PackWriter extends PostgresReader implements Pick<MetadataWriter, PackWrites> {
  async notePacks(packs: readonly Pick<PackRow, 'pack' | 'knownTo'>[]): Promise<void> {
    const rows = [...furthest(packs)].map(([pack, knownTo]) => [pack, knownTo, 'sealed'])
    const tail = `ON CONFLICT (name) DO UPDATE SET known_to = greatest(packs.known_to, excluded.known_to),
      state = CASE packs.state WHEN 'open' THEN 'open' ELSE 'sealed' END`
    await this.db.insert('packs', PACK_TYPES, rows, tail)
  }

  async openPack(pack: string, owner: string): Promise<boolean> {
    const sql = `INSERT INTO packs (name, known_to, state, owner) VALUES ($1, 0, 'open', $2)
      ON CONFLICT (name) DO UPDATE SET owner = excluded.owner WHERE packs.state = 'open'`
    return (await this.db.run(sql, pack, owner)) === 1
  }

  async beginPack(owner: string): Promise<string> {
    const row = await this.db.get('SELECT coalesce(max(name::bigint), 0) AS last FROM packs')
    const pack = packName(number(row?.['last']) + 1)
    await this.openPack(pack, owner)
    return pack
  }

  async addPackTail(pack: string, tail: Parameters<MetadataWriter['addPackTail']>[1]): Promise<boolean> {
    const { owner, offset, bytes } = tail
    // The pack's row is locked: nobody seals it while this is being written.
    const sql = `INSERT INTO pack_tails (pack, "offset", bytes)
      SELECT name, $2, $3 FROM (
        SELECT name FROM packs WHERE name = $1 AND state = 'open' AND owner = $4 FOR SHARE
      ) AS open`
    return (await this.db.run(sql, pack, offset, bytes, owner)) === 1
  }

  async dropPackTail(pack: string): Promise<void> {
    await this.db.run('DELETE FROM pack_tails WHERE pack = $1', pack)
  }

  async sealPack(pack: string, { owner, bytes, at }: Parameters<MetadataWriter['sealPack']>[1]): Promise<void> {
    const sql = `UPDATE packs SET state = 'sealed', owner = NULL, bytes = $2, sealed_ms = $3
      WHERE name = $1 AND state = 'open' AND owner IS NOT DISTINCT FROM $4`
    if ((await this.db.run(sql, pack, bytes, timeCell(at), owner)) === 1) await this.dropPackTail(pack)
  }

  async retirePacks(marks: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const sql = `WITH unmarked AS (
        DELETE FROM garbage g USING unnest($1::text[], $2::bigint[]) AS seen (name, marked_ms), packs p
        WHERE g.kind = 'pack' AND g.name = seen.name AND g.marked_ms = seen.marked_ms
          AND p.name = g.name AND p.state = 'sealed'
        RETURNING g.name
      )
      UPDATE packs SET state = 'retired' FROM unmarked WHERE packs.name = unmarked.name RETURNING packs.name`
    const rows = await this.db.all(sql, [...marks.keys()], [...marks.values()].map(timeCell))
    return rows.map((row) => text(row['name']))
  }

  async losePacks(packs: readonly string[]): Promise<void> {
    await this.db.run("UPDATE packs SET state = 'lost' WHERE name = ANY($1::text[]) AND state <> 'retired'", packs)
  }

  protected async folderKey(folder: FolderId): Promise<number | undefined> {
    const row = await this.db.get('SELECT key FROM folders WHERE id = $1', folder)
    return row && number(row['key'])
  }

  protected async existingFolder(folder: FolderId, attempt: string): Promise<number> {
    const key = await this.folderKey(folder)
    if (key === undefined) throw noSuchFolder(folder, attempt)
    return key
  }

  /**
   * Notes that chunks lie in packs: whoever found one empty before was wrong. The packs' rows are locked and mostly left
   * as they are, for all that is stored meanwhile goes into the same pack. How far it is known follows from its chunks.
   */
  protected async noteChunksIn(chunks: readonly Placed[]): Promise<void> {
    const packs = [...new Set(chunks.map(({ pack }) => pack))]
    const unmark = "DELETE FROM garbage WHERE kind = 'pack' AND name = ANY($1::text[])"
    const [found] = await Promise.all([
      this.db.all('SELECT name, state FROM packs WHERE name = ANY($1::text[]) FOR SHARE', packs),
      this.db.run(unmark, packs),
    ])
    const states = new Map(found.map((row) => [text(row['name']), text<PackRow['state']>(row['state'])]))
    const retired = packs.find((pack) => states.get(pack) === 'retired')
    if (retired !== undefined) {
      const why = 'was removed before it was noted what lies in it'
      throw new SyncError('chunk-missing', `the pack ${retired} ${why}`)
    }
    const others = packs.filter((pack) => !states.has(pack) || states.get(pack) === 'lost')
    const tail = "ON CONFLICT (name) DO UPDATE SET state = 'sealed'"
    await this.db.insert(
      'packs',
      PACK_TYPES,
      others.map((pack) => [pack, 0, 'open']),
      tail,
    )
  }

  /** Writes down how far packs are known, where no chunk says so any more. */
  protected async noteEnds(chunks: readonly Placed[]): Promise<void> {
    const ends = furthest(chunks.map(({ pack, offset, storedSize }) => ({ pack, knownTo: offset + storedSize })))
    const sql = `UPDATE packs SET known_to = ends.known_to FROM unnest($1::text[], $2::bigint[]) AS ends (name, known_to)
      WHERE packs.name = ends.name AND packs.known_to < ends.known_to`
    if (ends.size > 0) await this.db.run(sql, [...ends.keys()], [...ends.values()])
  }
}

interface Placed {
  readonly pack: string
  readonly offset: number
  readonly storedSize: number
}

function furthest(packs: readonly Pick<PackRow, 'pack' | 'knownTo'>[]): ReadonlyMap<string, number> {
  const ends = new Map<string, number>()
  for (const { pack, knownTo } of packs) ends.set(pack, Math.max(ends.get(pack) ?? 0, knownTo))
  return ends
}
