import type { NodeId, FolderId } from '@causeway/protocol'
import {
  THROUGHPUT_BUCKETS,
  type Bucket,
  type NewThroughput,
  type ThroughputFilter,
  type ThroughputRow,
  type Watch,
} from '../metadata-store.ts'
import type { Connection } from './connection.ts'
import { number, text, time, timeCell } from './values.ts'

const ADD = `INSERT INTO throughput (bucket_ms, at_ms, folder, node, changes, bytes_up, bytes_down)
  VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (bucket_ms, at_ms, folder, node) DO UPDATE SET changes = changes + excluded.changes,
    bytes_up = bytes_up + excluded.bytes_up, bytes_down = bytes_down + excluded.bytes_down`
const WATCH = `INSERT INTO watches (from_ms, until_ms) VALUES (?, ?)
  ON CONFLICT (from_ms) DO UPDATE SET until_ms = max(until_ms, excluded.until_ms)`

/** Adds to each bucket size at once, so that nothing has to be rolled up later, and forgets what is too old. */
export function writeThroughput(db: Connection, rows: readonly NewThroughput[], { from, until }: Watch): void {
  const nowMs = timeCell(until)
  for (const { bucketMs, keptMs } of Object.values(THROUGHPUT_BUCKETS)) {
    for (const { at, folder, node, changes, bytesUp, bytesDown } of rows) {
      const begins = Math.floor(timeCell(at) / bucketMs) * bucketMs
      db.run(ADD, bucketMs, begins, folder, node, changes, bytesUp, bytesDown)
    }
    db.run('DELETE FROM throughput WHERE bucket_ms = ? AND at_ms < ?', bucketMs, nowMs - keptMs)
  }
  db.run(WATCH, timeCell(from), nowMs)
  db.run('DELETE FROM watches WHERE until_ms < ?', nowMs - THROUGHPUT_BUCKETS.tenMinutes.keptMs)
}

export function readThroughput(
  db: Connection,
  bucket: Bucket,
  since: string,
  { by, folder, node }: ThroughputFilter,
): ThroughputRow[] {
  const { bucketMs } = THROUGHPUT_BUCKETS[bucket]
  const sql = `SELECT at_ms, ${by} AS id, sum(changes) AS changes, sum(bytes_up) AS up, sum(bytes_down) AS down
    FROM throughput WHERE bucket_ms = ?1 AND at_ms >= ?2 AND (?3 IS NULL OR folder = ?3) AND (?4 IS NULL OR node = ?4)
    GROUP BY at_ms, ${by} ORDER BY at_ms, ${by}`
  return db.all(sql, bucketMs, timeCell(since), folder ?? null, node ?? null).map((row) => ({
    at: time(row['at_ms']),
    id: text<NodeId | FolderId>(row['id']),
    changes: number(row['changes']),
    bytesUp: number(row['up']),
    bytesDown: number(row['down']),
  }))
}

export function readWatches(db: Connection, since: string): Watch[] {
  const sql = 'SELECT from_ms, until_ms FROM watches WHERE until_ms >= ? ORDER BY from_ms'
  return db.all(sql, timeCell(since)).map((row) => ({ from: time(row['from_ms']), until: time(row['until_ms']) }))
}
