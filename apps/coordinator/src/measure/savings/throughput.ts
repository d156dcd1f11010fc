import type {
  Direction,
  FolderId,
  HistoryEvent,
  NodeId,
  ThroughputBy,
  ThroughputResponse,
  ThroughputSeries,
  ThroughputSpan,
} from '@causeway/protocol'
import { THROUGHPUT_BUCKETS, type Bucket, type MetadataStore, type NewThroughput, type Watch } from '@causeway/store'
import { systemTimers, type Timer, type Timers } from '@causeway/time'
import type { Log } from '@causeway/log'

export interface ThroughputQuery {
  readonly span: ThroughputSpan
  readonly by: ThroughputBy
  readonly folder?: FolderId | undefined
  readonly node?: NodeId | undefined
}

/**
 * What moves, over time. Changes and bytes are told as they come. Nothing waits
 * for it: what it adds up is written every few seconds, and those seconds are
 * lost at a kill.
 */
export interface Throughput {
  noted(events: readonly Pick<HistoryEvent, 'folder' | 'node'>[]): void
  moved(hop: { readonly folder: FolderId; readonly node: NodeId }, direction: Direction, bytes: number): void
  series(query: ThroughputQuery): Promise<ThroughputResponse>
  flush(): Promise<void>
  start(): void
  stop(): Promise<void>
}

const FLUSH_EVERY_MS = 10_000
/** So often it is noted that the coordinator runs, where nothing moves. */
const WATCH_EVERY_MS = 60_000

const SPANS: Readonly<Record<ThroughputSpan, { readonly bucket: Bucket; readonly buckets: number }>> = {
  hour: { bucket: 'minute', buckets: 61 },
  day: { bucket: 'tenMinutes', buckets: 145 },
}

type Counts = { -readonly [Field in keyof NewThroughput]: NewThroughput[Field] }

export function createThroughput(options: {
  readonly metadata: MetadataStore
  readonly clock: { now(): number }
  readonly timers?: Timers
  readonly log: Log
}): Throughput {
  const { metadata, clock, timers = systemTimers, log } = options
  const from = iso(clock.now())
  let waiting = new Map<string, Counts>()
  let watchedMs = -Infinity
  let writing: Promise<void> = Promise.resolve()
  let timer: Timer | undefined

  function counts({ folder, node }: { readonly folder: FolderId; readonly node: NodeId }): Counts {
    const { bucketMs } = THROUGHPUT_BUCKETS.minute
    const atMs = Math.floor(clock.now() / bucketMs) * bucketMs
    const key = `${atMs} ${folder} ${node}`
    const known = waiting.get(key)
    if (known !== undefined) return known
    const begun = { at: iso(atMs), folder, node, changes: 0, bytesUp: 0, bytesDown: 0 }
    waiting.set(key, begun)
    return begun
  }

  async function write(nowMs: number): Promise<void> {
    if (waiting.size === 0 && Math.abs(nowMs - watchedMs) < WATCH_EVERY_MS) return
    const rows = [...waiting.values()]
    waiting = new Map()
    try {
      await metadata.write((tx) => tx.addThroughput(rows, { from, until: iso(nowMs) }))
      watchedMs = nowMs
    } catch (error) {
      log.warn({ err: error, rows: rows.length }, 'could not note what moved')
    }
  }

  function flush(): Promise<void> {
    const nowMs = clock.now()
    writing = writing.then(() => write(nowMs))
    return writing
  }

  return {
    noted(events) {
      for (const event of events) counts(event).changes += 1
    },
    moved(hop, direction, bytes) {
      if (bytes <= 0) return
      if (direction === 'up') counts(hop).bytesUp += bytes
      else counts(hop).bytesDown += bytes
    },
    async series({ span, by, folder, node }) {
      await flush()
      const { bucket, buckets } = SPANS[span]
      const { bucketMs } = THROUGHPUT_BUCKETS[bucket]
      const fromMs = (Math.floor(clock.now() / bucketMs) - buckets + 1) * bucketMs
      const filter = { by, ...(folder !== undefined && { folder }), ...(node !== undefined && { node }) }
      const { rows, watches } = await metadata.read(async (tx) => ({
        rows: await tx.throughput(bucket, iso(fromMs), filter),
        watches: await tx.watches(iso(fromMs)),
      }))
      // This run goes on until now, though it is not noted so often.
      const runs = [...watches, { from, until: iso(clock.now()) }]
      const indexOf = (at: string): number => Math.round((Date.parse(at) - fromMs) / bucketMs)
      const series = new Map<string, ThroughputSeries>()
      for (const row of rows) {
        const index = indexOf(row.at)
        if (index < 0 || index >= buckets) continue
        const own = series.get(row.id) ?? emptySeries(row.id, buckets)
        series.set(row.id, own)
        own.changes[index] = row.changes
        own.bytesUp[index] = row.bytesUp
        own.bytesDown[index] = row.bytesDown
      }
      return {
        from: iso(fromMs),
        bucketMs,
        measured: measured(runs, { fromMs, bucketMs, buckets }),
        series: [...series.values()],
      }
    },
    flush,
    start() {
      void flush()
      timer ??= timers.every(FLUSH_EVERY_MS, () => void flush()).unref()
    },
    async stop() {
      timer?.cancel()
      timer = undefined
      // The run ends now: that is worth a write also where nothing moved.
      watchedMs = -Infinity
      await flush()
    },
  }
}

/** Which buckets some run reaches into. */
function measured(
  watches: readonly Watch[],
  { fromMs, bucketMs, buckets }: { readonly fromMs: number; readonly bucketMs: number; readonly buckets: number },
): boolean[] {
  const runs = watches.map(({ from, until }) => [Date.parse(from), Date.parse(until)] as const)
  return Array.from({ length: buckets }, (_, index) => {
    const begins = fromMs + index * bucketMs
    return runs.some(([from, until]) => from < begins + bucketMs && until >= begins)
  })
}

function emptySeries(id: string, buckets: number): ThroughputSeries {
  const zeros = (): number[] => Array.from({ length: buckets }, () => 0)
  return { id, changes: zeros(), bytesUp: zeros(), bytesDown: zeros() }
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
