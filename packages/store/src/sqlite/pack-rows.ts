import { SyncError } from '@causeway/protocol'
import type { MetadataReader, MetadataWriter, PackRow, PackTail } from '../metadata-store.ts'
import { packName } from '../packs/pack-name.ts'
import type { Connection } from './connection.ts'
import { bytes as bytesOf, number, text, timeCell } from './values.ts'

/** Notes that chunks lie in a pack, up to an offset: whoever found it empty before was wrong. */
export function noteChunksIn(db: Connection, pack: string, knownTo: number): void {
  const sql = `INSERT INTO packs (name, known_to, state) VALUES (?, ?, 'open')
    ON CONFLICT (name) DO UPDATE SET known_to = max(known_to, excluded.known_to),
      state = CASE state WHEN 'lost' THEN 'sealed' ELSE state END
    WHERE state <> 'retired'`
  if (db.run(sql, pack, knownTo).changes === 0) {
    throw new SyncError('chunk-missing', `the pack ${pack} was removed before it was noted what lies in it`)
  }
  db.run("DELETE FROM garbage WHERE kind = 'pack' AND name = ?", pack)
}

export function notePacks(db: Connection, packs: readonly Pick<PackRow, 'pack' | 'knownTo'>[]): void {
  const sql = `INSERT INTO packs (name, known_to, state) VALUES (?, ?, 'sealed')
    ON CONFLICT (name) DO UPDATE SET known_to = max(known_to, excluded.known_to),
      state = CASE state WHEN 'open' THEN 'open' ELSE 'sealed' END`
  for (const { pack, knownTo } of packs) db.run(sql, pack, knownTo)
}

export function openPack(db: Connection, pack: string, owner: string): boolean {
  const sql = `INSERT INTO packs (name, known_to, state, owner) VALUES (?, 0, 'open', ?)
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner WHERE state = 'open'`
  return db.run(sql, pack, owner).changes === 1
}

export function sealPack(
  db: Connection,
  pack: string,
  { owner, bytes, at }: Parameters<MetadataWriter['sealPack']>[1],
): void {
  const sql = `UPDATE packs SET state = 'sealed', owner = NULL, bytes = ?, sealed_ms = ?
    WHERE name = ? AND state = 'open' AND owner IS ?`
  if (db.run(sql, bytes, timeCell(at), pack, owner).changes === 1) {
    db.run('DELETE FROM pack_tails WHERE pack = ?', pack)
  }
}

export function beginPack(db: Connection, owner: string): string {
  const last = db.get('SELECT max(CAST(name AS INTEGER)) AS last FROM packs')?.['last'] ?? 0
  const pack = packName(number(last) + 1)
  openPack(db, pack, owner)
  return pack
}

export function addPackTail(
  db: Connection,
  pack: string,
  { owner, offset, bytes }: Parameters<MetadataWriter['addPackTail']>[1],
): boolean {
  const sql = `INSERT INTO pack_tails (pack, offset, bytes)
    SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM packs WHERE name = ?1 AND state = 'open' AND owner = ?4)`
  return db.run(sql, pack, offset, bytes, owner).changes === 1
}

export function readPackTail(
  db: Connection,
  pack: string,
  within: Parameters<MetadataReader['packTail']>[1] = { offset: 0, length: Number.MAX_SAFE_INTEGER },
): PackTail[] {
  const sql = `SELECT offset, bytes FROM pack_tails
    WHERE pack = ? AND offset < ? AND offset + length(bytes) > ? ORDER BY offset`
  const rows = db.all(sql, pack, within.offset + within.length, within.offset)
  return rows.map((row) => ({ offset: number(row['offset']), bytes: bytesOf(row['bytes']) }))
}

export function readPackTails(db: Connection): { readonly pack: string; readonly bytes: number }[] {
  const rows = db.all('SELECT pack, sum(length(bytes)) AS bytes FROM pack_tails GROUP BY pack')
  return rows.map((row) => ({ pack: text(row['pack']), bytes: number(row['bytes']) }))
}

export function retirePacks(db: Connection, marks: ReadonlyMap<string, string>): readonly string[] {
  const unmark = `DELETE FROM garbage WHERE kind = 'pack' AND name = ?1 AND marked_ms = ?2
    AND EXISTS (SELECT 1 FROM packs WHERE packs.name = ?1 AND state = 'sealed')`
  const retired = [...marks].filter(([pack, at]) => db.run(unmark, pack, timeCell(at)).changes === 1)
  for (const [pack] of retired) db.run("UPDATE packs SET state = 'retired' WHERE name = ?", pack)
  return retired.map(([pack]) => pack)
}
