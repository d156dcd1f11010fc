import { Worker } from 'node:worker_threads'
import { SyncError } from '@causeway/protocol'
import type { Stretch, StretchHash, WorkerAnswer, WorkerResult, WorkerTask } from './worker-messages.ts'

/**
 * Hashes bytes on threads beside the one that calls. The bytes lie in shared
 * memory and must not change until the call has resolved. A thread that breaks
 * fails what it had in hand with `internal`; later calls get a new one.
 */
export interface HashWorkers {
  /** The hash of each stretch, in order. */
  stretches(bytes: SharedArrayBuffer, stretches: readonly Stretch[]): Promise<readonly StretchHash[]>
  /** The hash of each buffer. They are lent to the thread meanwhile, and come back as others in the same order. */
  lent(
    buffers: readonly ArrayBuffer[],
  ): Promise<{ readonly buffers: readonly ArrayBuffer[]; readonly hashes: readonly string[] }>
  /** Begins a hash of bytes that come piece by piece. */
  stream(): HashStream
  /** Ends the threads; what is under way fails. Later calls start them again. */
  close(): Promise<void>
}

export interface HashStream {
  /** Takes the next bytes. Need not be awaited before the next call. */
  update(bytes: SharedArrayBuffer, from: number, to: number): Promise<void>
  /** The hash of all bytes so far. */
  digest(): Promise<string>
  /** Gives it up. Safe to call more than once. */
  end(): void
}

export interface HashWorkersOptions {
  readonly threads?: number
  /** Threads with nothing to do and no stream are ended after this long. */
  readonly idleMs?: number
}

type Done = Extract<WorkerAnswer, { result: WorkerResult }>

interface Thread {
  /** Undefined once it broke or was ended. */
  worker: Worker | undefined
  readonly pending: Map<number, { resolve: (answer: Done) => void; reject: (error: unknown) => void }>
  /** Bytes handed over and not answered. */
  backlog: number
  streams: number
  idle: NodeJS.Timeout | undefined
}

const YOUNG_MB = 4
const OLD_MB = 64

export function createHashWorkers({ threads = 2, idleMs = 5_000 }: HashWorkersOptions = {}): HashWorkers {
  let pool: Thread[] = []
  let lastId = 0

  function start(): Thread {
    const worker = new Worker(new URL('hash-worker.ts', import.meta.url), {
      name: 'hash',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, maxOldGenerationSizeMb: OLD_MB },
    })
    const thread: Thread = { worker, pending: new Map(), backlog: 0, streams: 0, idle: undefined }
    worker.unref()
    worker.on('message', (answer: WorkerAnswer) => answered(thread, answer))
    worker.on('error', (cause) => drop(thread, cause))
    worker.on('exit', () => drop(thread, undefined))
    return thread
  }

  function answered(thread: Thread, answer: WorkerAnswer): void {
    const waiting = thread.pending.get(answer.id)
    thread.pending.delete(answer.id)
    if ('problem' in answer) waiting?.reject(new SyncError('internal', `bytes could not be hashed: ${answer.problem}`))
    else waiting?.resolve(answer)
    restIfIdle(thread)
  }

  /** Whatever still waits for this thread has waited in vain. */
  function drop(thread: Thread, cause: unknown): void {
    thread.worker = undefined
    clearTimeout(thread.idle)
    pool = pool.filter((other) => other !== thread)
    for (const { reject } of thread.pending.values()) {
      reject(new SyncError('internal', 'the thread that hashes has ended', { cause }))
    }
    thread.pending.clear()
  }

  /** Out of the pool first: nobody may be given a thread that is about to end. */
  function retire(thread: Thread): void {
    const { worker } = thread
    drop(thread, undefined)
    void worker?.terminate()
  }

  function restIfIdle(thread: Thread): void {
    if (thread.pending.size > 0) return
    thread.worker?.unref()
    if (thread.streams > 0) return
    clearTimeout(thread.idle)
    thread.idle = setTimeout(() => retire(thread), idleMs).unref()
  }

  /** The thread with the least to do; a further one while there may be more and none is free. */
  function choose(weigh: (thread: Thread) => number): Thread {
    const best = pool.toSorted((a, b) => weigh(a) - weigh(b))[0]
    if (best !== undefined && (pool.length >= threads || weigh(best) === 0)) return best
    const fresh = start()
    pool.push(fresh)
    return fresh
  }

  async function call(thread: Thread, task: WorkerTask, sizeBytes: number): Promise<Done> {
    const { worker } = thread
    if (worker === undefined) throw new SyncError('internal', 'the thread that hashes has ended')
    clearTimeout(thread.idle)
    worker.ref()
    const id = ++lastId
    thread.backlog += sizeBytes
    try {
      return await new Promise((resolve, reject) => {
        thread.pending.set(id, { resolve, reject })
        worker.postMessage({ id, task }, task.kind === 'lent' ? [...task.buffers] : [])
      })
    } finally {
      thread.backlog -= sizeBytes
    }
  }

  const leastBusy = (): Thread => choose(({ backlog, streams }) => backlog + streams)

  return {
    async stretches(bytes, stretches) {
      const sizeBytes = stretches.reduce((sum, { from, to }) => sum + to - from, 0)
      return expectHashes((await call(leastBusy(), { kind: 'stretches', bytes, stretches }, sizeBytes)).result)
    },
    async lent(buffers) {
      const sizeBytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0)
      const done = await call(leastBusy(), { kind: 'lent', buffers }, sizeBytes)
      if (done.buffers === undefined) throw new SyncError('internal', 'the thread that hashes kept the bytes')
      return { buffers: done.buffers, hashes: expectHashes(done.result).map(({ hash }) => hash) }
    },
    stream() {
      const stream = ++lastId
      const thread = choose(({ streams }) => streams)
      thread.streams++
      clearTimeout(thread.idle)
      let isOpen = true
      return {
        async update(bytes, from, to) {
          await call(thread, { kind: 'update', stream, bytes, from, to }, to - from)
        },
        digest: async () => expectDigest((await call(thread, { kind: 'digest', stream }, 0)).result),
        end() {
          if (!isOpen) return
          isOpen = false
          thread.streams--
          call(thread, { kind: 'end', stream }, 0).catch(() => undefined)
        },
      }
    },
    async close() {
      await Promise.all(pool.map(async ({ worker }) => worker?.terminate()))
    },
  }
}

function expectHashes(result: WorkerResult): readonly StretchHash[] {
  if (Array.isArray(result)) return result
  throw new SyncError('internal', 'the thread that hashes answered something else')
}

function expectDigest(result: WorkerResult): string {
  if (typeof result === 'string') return result
  throw new SyncError('internal', 'the thread that hashes answered something else')
}
