import type { FolderId, NodeId } from '@causeway/protocol'
import {
  THROUGHPUT_BUCKETS,
  type Bucket,
  type NewThroughput,
  type ThroughputFilter,
  type ThroughputRow,
  type Watch,
} from '../metadata-store.ts'
import { number, text, time, timeCell } from '../sqlite/values.ts'
import { conditions } from './conditions.ts'
import type { Connection, Value } from './connection.ts'

const TYPES = {
  bucket_ms: 'bigint',
  at_ms: 'bigint',
  folder: 'text',
  node: 'text',
  changes: 'bigint',
  bytes_up: 'bigint',
  bytes_down: 'bigint',
}
const ADD_UP = `ON CONFLICT (bucket_ms, at_ms, folder, node) DO UPDATE SET changes = throughput.changes + excluded.changes,
  bytes_up = throughput.bytes_up + excluded.bytes_up, bytes_down = throughput.bytes_down + excluded.bytes_down`
const WATCH = `INSERT INTO watches (from_ms, until_ms) VALUES ($1, $2)
  ON CONFLICT (from_ms) DO UPDATE SET until_ms = greatest(watches.until_ms, excluded.until_ms)`

/** Adds to each bucket size at once, so that nothing has to be rolled up later, and forgets what is too old. */
export async function writeThroughput(
  db: Connection,
  rows: readonly NewThroughput[],
  { from, until }: Watch,
): Promise<void> {
  const nowMs = timeCell(until)
  const steps: Promise<unknown>[] = []
  for (const { bucketMs, keptMs } of Object.values(THROUGHPUT_BUCKETS)) {
    steps.push(db.insert('throughput', TYPES, addedUp(rows, bucketMs), ADD_UP))
    steps.push(db.run('DELETE FROM throughput WHERE bucket_ms = $1 AND at_ms < $2', bucketMs, nowMs - keptMs))
  }
  steps.push(db.run(WATCH, timeCell(from), nowMs))
  steps.push(db.run('DELETE FROM watches WHERE until_ms < $1', nowMs - THROUGHPUT_BUCKETS.tenMinutes.keptMs))
  await Promise.all(steps)
}

/** A statement must not meet one row twice. */
function addedUp(rows: readonly NewThroughput[], bucketMs: number): (string | number)[][] {
  const sums = new Map<string, [number, number, string, string, number, number, number]>()
  for (const { at, folder, node, changes, bytesUp, bytesDown } of rows) {
    const begins = Math.floor(timeCell(at) / bucketMs) * bucketMs
    const key = `${begins} ${folder} ${node}`
    const sum = sums.get(key) ?? [bucketMs, begins, folder, node, 0, 0, 0]
    sums.set(key, sum)
    sum[4] += changes
    sum[5] += bytesUp
    sum[6] += bytesDown
  }
  return [...sums.values()]
}

export async function readThroughput(
  db: Connection,
  { bucket, since }: { readonly bucket: Bucket; readonly since: string },
  { by, folder, node }: ThroughputFilter,
): Promise<ThroughputRow[]> {
  const values: Value[] = [THROUGHPUT_BUCKETS[bucket].bucketMs, timeCell(since)]
  const where = conditions({ folder, node }, values, 'bucket_ms = $1', 'at_ms >= $2')
  const sql = `SELECT at_ms, ${by} AS id, sum(changes)::bigint AS changes, sum(bytes_up)::bigint AS up,
      sum(bytes_down)::bigint AS down
    FROM throughput ${where} GROUP BY at_ms, ${by} ORDER BY at_ms, ${by}`
  return (await db.all(sql, ...values)).map((row) => ({
    at: time(row['at_ms']),
    id: text<NodeId | FolderId>(row['id']),
    changes: number(row['changes']),
    bytesUp: number(row['up']),
    bytesDown: number(row['down']),
  }))
}

export async function readWatches(db: Connection, since: string): Promise<Watch[]> {
  const sql = 'SELECT from_ms, until_ms FROM watches WHERE until_ms >= $1 ORDER BY from_ms'
  const rows = await db.all(sql, timeCell(since))
  return rows.map((row) => ({ from: time(row['from_ms']), until: time(row['until_ms']) }))
}
