import type { SentLately } from '@causeway/engine'
import type { EntryId, EntryState, FolderId, HistoryEvent, NodeId } from '@causeway/protocol'
import type {
  CommitNeeds,
  CommitRows,
  ConflictRow,
  EventFilter,
  LogMark,
  MetadataReader,
  VersionRow,
} from '../metadata-store.ts'
import { conflictOf, eventOf, SENT_TOGETHER_MS, sentOf } from '../sqlite/rows.ts'
import { bytes, number, text, timeCell, vector } from '../sqlite/values.ts'
import type { Value } from './connection.ts'
import { EntryReader, KEY } from './entry-reader.ts'
import { EVENT_COLUMNS, eventQuery } from './event-query.ts'
import { loadForCommit } from './load-for-commit.ts'
import { readState, readVersion, STATE_COLUMNS, statesOf } from './rows.ts'

const OWN = 'registers, node, counter, at_ms'
const VERSION = `SELECT ${STATE_COLUMNS}, ${OWN} FROM versions`
const PAGE_ROWS = 1000

type LogReads =
  | 'changesAfter'
  | 'countChangesAfter'
  | 'logMark'
  | 'markAtOrAbove'
  | 'loadForCommit'
  | 'versions'
  | 'version'
  | 'versionsAsOf'
  | 'seqAtTime'
  | 'eventsAfter'
  | 'eventsBefore'
  | 'event'
  | 'outcomesByDots'
  | 'conflicts'
  | 'deletesSince'
  | 'sentSince'
  | 'deletedBetween'

/** What happened in folders: the log, versions, events. */
export class LogReader extends EntryReader implements Pick<MetadataReader, LogReads> {
  async changesAfter(folder: FolderId, seq: number, limit: number): Promise<readonly EntryState[]> {
    const sql = `SELECT ${STATE_COLUMNS} FROM entries WHERE folder = ${KEY} AND seq > $2 ORDER BY seq LIMIT $3`
    return (await this.db.all(sql, folder, seq, limit)).map(readState)
  }

  async countChangesAfter(folder: FolderId, seq: number, most: number): Promise<number> {
    const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM entries WHERE folder = ${KEY} AND seq > $2 LIMIT $3) AS counted`
    return number((await this.db.get(sql, folder, seq, most))?.['n'])
  }

  logMark(folder: FolderId, seq: number): Promise<LogMark | undefined> {
    return this.#mark(folder, seq, 'seq <= $2 ORDER BY seq DESC')
  }

  markAtOrAbove(folder: FolderId, seq: number): Promise<LogMark | undefined> {
    return this.#mark(folder, seq, 'seq >= $2 ORDER BY seq')
  }

  loadForCommit(folder: FolderId, needs: CommitNeeds): Promise<CommitRows> {
    return loadForCommit(this, this.db, { folder, needs })
  }

  async versions(
    folder: FolderId,
    entry: EntryId,
    page: { before?: number; limit: number },
  ): Promise<readonly VersionRow[]> {
    // By id as well: else the plan may walk the whole log backwards.
    const sql = `${VERSION} WHERE folder = ${KEY} AND id = $2 AND seq < $3 ORDER BY id DESC, seq DESC LIMIT $4`
    const rows = await this.db.all(sql, folder, entry, page.before ?? Number.MAX_SAFE_INTEGER, page.limit)
    return rows.map((row) => readVersion(row, folder))
  }

  async version(folder: FolderId, seq: number): Promise<VersionRow | undefined> {
    const row = await this.db.get(`${VERSION} WHERE folder = ${KEY} AND seq = $2`, folder, seq)
    return row && readVersion(row, folder)
  }

  async *versionsAsOf(folder: FolderId, seq: number): AsyncGenerator<VersionRow> {
    const sql = `SELECT ${statesOf('v')}, ${OWN} FROM (
        SELECT id AS last_id, max(seq) AS last_seq FROM versions
        WHERE folder = ${KEY} AND id > $2 AND seq <= $3 GROUP BY id ORDER BY id LIMIT $4
      ) AS last JOIN versions v ON v.folder = ${KEY} AND v.seq = last.last_seq ORDER BY last_id`
    let after = ''
    for (;;) {
      const rows = await this.db.all(sql, folder, after, seq, PAGE_ROWS)
      for (const row of rows) yield readVersion(row, folder)
      const last = rows.at(-1)
      if (!last || rows.length < PAGE_ROWS) return
      after = text(last['id'])
    }
  }

  async seqAtTime(folder: FolderId, at: string): Promise<number> {
    const sql = `SELECT coalesce(max(seq), 0) AS seq FROM log_marks WHERE folder = ${KEY} AND at_ms <= $2`
    return number((await this.db.get(sql, folder, timeCell(at)))?.['seq'])
  }

  async eventsAfter(position: number, filter: EventFilter, limit: number): Promise<readonly HistoryEvent[]> {
    return this.#events('e.position > $1', 'ASC', { position, filter, limit })
  }

  async eventsBefore(
    position: number | undefined,
    filter: EventFilter,
    limit: number,
  ): Promise<readonly HistoryEvent[]> {
    return this.#events('e.position < $1', 'DESC', { position: position ?? Number.MAX_SAFE_INTEGER, filter, limit })
  }

  async event(position: number): Promise<HistoryEvent | undefined> {
    const row = await this.db.get(`SELECT ${EVENT_COLUMNS} WHERE e.position = $1`, position)
    return row && eventOf(row)
  }

  async outcomesByDots(
    folder: FolderId,
    node: NodeId,
    counters: readonly number[],
  ): Promise<ReadonlyMap<number, Uint8Array>> {
    const sql = `SELECT counter, outcome FROM outcomes
      WHERE folder = ${KEY} AND node = $2 AND counter = ANY($3::bigint[])`
    const rows = await this.db.all(sql, folder, node, counters)
    return new Map(rows.map((row) => [number(row['counter']), bytes(row['outcome'])]))
  }

  async conflicts(folder: FolderId, filter: { open: boolean }): Promise<readonly ConflictRow[]> {
    const only = filter.open ? 'AND settled IS NULL' : ''
    const rows = await this.db.all(`SELECT * FROM conflicts WHERE folder = ${KEY} ${only} ORDER BY at, copy`, folder)
    return rows.map((row) => conflictOf(row, folder))
  }

  async deletesSince(folder: FolderId, node: NodeId, at: string): Promise<number> {
    const sql = `SELECT coalesce(sum(e.entries), 0)::bigint AS deleted FROM events e JOIN event_causes c ON c.key = e.cause
      WHERE e.folder = ${KEY} AND e.node = $2 AND e.at_ms >= $3 AND e.kind = 'delete' AND c.decision <> 'refused'`
    return number((await this.db.get(sql, folder, node, timeCell(at)))?.['deleted'])
  }

  async sentSince(node: NodeId, at: string): Promise<readonly SentLately[]> {
    const sql = `SELECT max(at_ms) AS at_ms, sum(brought)::bigint AS bytes FROM events
      WHERE node = $1 AND at_ms >= $2 AND brought IS NOT NULL GROUP BY at_ms / ${SENT_TOGETHER_MS} ORDER BY 1`
    return (await this.db.all(sql, node, timeCell(at))).map(sentOf)
  }

  async deletedBetween(folder: FolderId, after: number, last: number): Promise<number> {
    const sql = `SELECT coalesce(sum(entries), 0)::bigint AS deleted FROM events
      WHERE folder = ${KEY} AND kind = 'delete' AND seq > $2 AND seq - entries < $3`
    return number((await this.db.get(sql, folder, after, last))?.['deleted'])
  }

  async #events(
    from: string,
    direction: 'ASC' | 'DESC',
    { position, filter, limit }: { position: number; filter: EventFilter; limit: number },
  ): Promise<readonly HistoryEvent[]> {
    const values: Value[] = [position, limit]
    const where = eventQuery(filter, values)
    const sql = `SELECT ${EVENT_COLUMNS} WHERE ${from} ${where} ORDER BY e.position ${direction} LIMIT $2`
    return (await this.db.all(sql, ...values)).map(eventOf)
  }

  async #mark(folder: FolderId, seq: number, which: string): Promise<LogMark | undefined> {
    const sql = `SELECT seq, tag, clock FROM log_marks WHERE folder = ${KEY} AND ${which} LIMIT 1`
    const row = await this.db.get(sql, folder, seq)
    return row && { seq: number(row['seq']), tag: text(row['tag']), clock: vector(row['clock']) }
  }
}
