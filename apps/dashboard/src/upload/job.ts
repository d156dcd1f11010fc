import type { FolderId, NodeId } from '@causeway/protocol'

export type Phase = 'queued' | 'sending' | 'retrying' | 'paused' | 'arrived' | 'failed' | 'cancelled'

/** One file on its way to the coordinator. An immutable value. */
export interface Job {
  readonly id: number
  readonly folder: FolderId
  readonly path: string
  readonly owner: NodeId | null
  readonly size: number
  readonly phase: Phase
  /** Bytes that the coordinator holds now, be it that they were sent or that it held them before. */
  readonly doneBytes: number
  /** Bytes that really crossed. */
  readonly sentBytes: number
  /** The log position of what it became, once it arrived. */
  readonly seq: number | null
  /** Why it failed, or why it waits to try again. */
  readonly why: string | null
}

export type Happening =
  | { readonly kind: 'begun' | 'paused' | 'resumed' | 'cancelled' | 'again' }
  | { readonly kind: 'progress'; readonly doneBytes: number; readonly sentBytes: number }
  | { readonly kind: 'retrying'; readonly why: string }
  | { readonly kind: 'arrived'; readonly seq: number; readonly sentBytes: number }
  | { readonly kind: 'failed'; readonly why: string }

export function newJob(job: Pick<Job, 'id' | 'folder' | 'path' | 'owner' | 'size'>): Job {
  return { ...job, phase: 'queued', doneBytes: 0, sentBytes: 0, seq: null, why: null }
}

/** What has ended stays ended, except that a failed or cancelled file may be tried again. What comes late changes nothing. */
export function step(job: Job, happening: Happening): Job {
  if (isOver(job)) {
    return happening.kind === 'again' && job.phase !== 'arrived' ? newJob(job) : job
  }
  switch (happening.kind) {
    case 'begun':
      return job.phase === 'queued' ? { ...job, phase: 'sending' } : job
    case 'progress': {
      const { doneBytes, sentBytes } = happening
      // What was under way when a person paused may still arrive.
      const phase = job.phase === 'retrying' ? 'sending' : job.phase
      return { ...job, doneBytes, sentBytes, phase, why: null }
    }
    case 'retrying':
      return job.phase === 'paused' ? job : { ...job, phase: 'retrying', why: happening.why }
    case 'paused':
      return { ...job, phase: 'paused', why: null }
    case 'resumed':
      // It takes its turn again; a run that was only held goes on where it stood.
      return job.phase === 'paused' ? { ...job, phase: 'queued' } : job
    case 'cancelled':
      return { ...job, phase: 'cancelled', why: null }
    case 'arrived':
      return {
        ...job,
        phase: 'arrived',
        doneBytes: job.size,
        sentBytes: happening.sentBytes,
        seq: happening.seq,
        why: null,
      }
    case 'failed':
      return { ...job, phase: 'failed', why: happening.why }
    case 'again':
      return job
  }
}

export function isOver({ phase }: Job): boolean {
  return phase === 'arrived' || phase === 'failed' || phase === 'cancelled'
}

/** Whether it holds one of the places of those that are sent at the same time. */
export function isRunning({ phase }: Job): boolean {
  return phase === 'sending' || phase === 'retrying'
}
