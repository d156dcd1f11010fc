import { useSyncExternalStore } from 'react'
import type { Job } from './job.ts'
import { totalsOf } from './totals.ts'
import { createUploads } from './uploads.ts'
import type { FromWorker } from './worker-messages.ts'

/** The uploads of this page. They go on whichever of its pages is shown. */
export const uploads = createUploads((hear) => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => hear(data))
  return { post: (message) => worker.postMessage(message) }
})

// Leaving would break them off.
window.addEventListener('beforeunload', (event) => {
  if (totalsOf(uploads.jobs).busy) event.preventDefault()
})

export function useUploads(): readonly Job[] {
  return useSyncExternalStore(uploads.subscribe, () => uploads.jobs)
}
