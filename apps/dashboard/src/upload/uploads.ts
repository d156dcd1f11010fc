import type { FolderId, NodeId } from '@causeway/protocol'
import { isOver, isRunning, newJob, step, type Happening, type Job } from './job.ts'
import type { GivenFile } from './plan.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** All uploads of this page, whichever of its pages is shown. */
export interface Uploads {
  /** In the order they were given; a new value after every change. */
  readonly jobs: readonly Job[]
  subscribe(listener: () => void): () => void
  add(files: readonly GivenFile[], to: { readonly folder: FolderId; readonly owner: NodeId | null }): void
  /** Without ids: all that it fits. */
  pause(ids?: readonly number[]): void
  resume(ids?: readonly number[]): void
  cancel(ids?: readonly number[]): void
  again(ids?: readonly number[]): void
  /** Forgets those that ended. */
  clear(): void
}

export interface UploadWorker {
  post(message: ToWorker): void
}

/** Sent at the same time: enough to keep the wire busy with small files, few enough for memory. */
const AT_ONCE = 4

export function createUploads(
  startWorker: (hear: (message: FromWorker) => void) => UploadWorker,
  schedule: (work: () => void) => void = requestFrame,
): Uploads {
  let worker: UploadWorker | undefined
  let shown: readonly Job[] = []
  let lastId = 0
  let scheduled = false
  const jobs = new Map<number, Job>()
  const files = new Map<number, File>()
  const listeners = new Set<() => void>()

  /** Many changes within one frame are one change to what is shown. */
  function changed(): void {
    if (scheduled) return
    scheduled = true
    schedule(() => {
      scheduled = false
      shown = [...jobs.values()]
      for (const listener of listeners) listener()
    })
  }

  function happen(id: number, happening: Happening): void {
    const job = jobs.get(id)
    if (job === undefined) return
    const next = step(job, happening)
    if (next === job) return
    jobs.set(id, next)
    // What arrived is not read again; what failed may be.
    if (next.phase === 'arrived') files.delete(id)
    changed()
  }

  function fill(): void {
    let free = AT_ONCE
    for (const job of jobs.values()) if (isRunning(job)) free--
    for (const { id, phase, folder, path, owner } of jobs.values()) {
      if (free <= 0) return
      const file = files.get(id)
      if (phase !== 'queued' || file === undefined) continue
      free--
      worker ??= startWorker(({ id: from, happening }) => {
        happen(from, happening)
        if (happening.kind === 'arrived' || happening.kind === 'failed') fill()
      })
      worker.post({ kind: 'start', id, file, folder, path, owner })
      happen(id, { kind: 'begun' })
    }
  }

  function each(ids: readonly number[] | undefined, fits: (job: Job) => boolean, act: (job: Job) => void): void {
    const meant = ids === undefined ? [...jobs.values()] : ids.flatMap((id) => jobs.get(id) ?? [])
    for (const job of meant) if (fits(job)) act(job)
    fill()
  }

  return {
    get jobs() {
      return shown
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    add(given, { folder, owner }) {
      for (const { file, path } of given) {
        const id = ++lastId
        files.set(id, file)
        jobs.set(id, newJob({ id, folder, path, owner, size: file.size }))
      }
      changed()
      fill()
    },
    pause(ids) {
      each(
        ids,
        (job) => !isOver(job) && job.phase !== 'paused',
        ({ id }) => {
          worker?.post({ kind: 'hold', id })
          happen(id, { kind: 'paused' })
        },
      )
    },
    resume: (ids) =>
      each(
        ids,
        (job) => job.phase === 'paused',
        ({ id }) => happen(id, { kind: 'resumed' }),
      ),
    cancel(ids) {
      each(
        ids,
        (job) => !isOver(job),
        ({ id }) => {
          worker?.post({ kind: 'stop', id })
          happen(id, { kind: 'cancelled' })
        },
      )
    },
    again: (ids) =>
      each(
        ids,
        ({ phase }) => phase === 'failed' || phase === 'cancelled',
        ({ id }) => happen(id, { kind: 'again' }),
      ),
    clear() {
      for (const job of jobs.values()) {
        if (!isOver(job)) continue
        jobs.delete(job.id)
        files.delete(job.id)
      }
      changed()
    },
  }
}

function requestFrame(work: () => void): void {
  if (document.hidden) setTimeout(work, 250)
  else requestAnimationFrame(work)
}
