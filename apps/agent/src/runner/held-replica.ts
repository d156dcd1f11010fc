import type { WatchHint } from '@causeway/replica'
import type { Replica } from './runner-ports.ts'

/** A folder's directory, opened when it is first needed, and watched. */
export interface HeldReplica {
  /** Throws `root-missing` or `root-foreign` if the directory is not there or is another. */
  open(): Promise<Replica>
  /** While it is open. */
  readonly current: Replica | undefined
  /** Why changes may be seen late; `undefined` where they are seen at once. */
  readonly watchProblem: string | undefined
  /** When something last happened in it; `null` before anything did. */
  readonly lastEventMs: number | null
  close(): Promise<void>
}

export interface HeldReplicaOptions {
  openReplica(watching: { onProblem(problem: string | undefined): void }): Promise<Replica>
  onHint(hint: WatchHint): void
  /** `watchProblem` has changed. */
  onProblem(): void
  now(): number
}

export function holdReplica({ openReplica, onHint, onProblem, now }: HeldReplicaOptions): HeldReplica {
  let current: Replica | undefined
  let watchProblem: string | undefined
  let lastEventMs: number | null = null

  async function openWatched(): Promise<Replica> {
    const opened = await openReplica({
      onProblem(problem) {
        watchProblem = problem
        onProblem()
      },
    })
    try {
      await opened.watcher.start((hint) => {
        lastEventMs = now()
        onHint(hint)
      })
      return opened
    } catch (error) {
      await close(opened)
      throw error
    }
  }

  return {
    get current() {
      return current
    },
    get watchProblem() {
      return watchProblem
    },
    get lastEventMs() {
      return lastEventMs
    },
    open: async () => (current ??= await openWatched()),
    async close() {
      const opened = current
      current = undefined
      if (opened !== undefined) await close(opened)
      // Whatever it could not watch, the next one is to say again.
      watchProblem = undefined
    },
  }
}

async function close(opened: Replica): Promise<void> {
  await opened.watcher.stop()
  await opened.transfer.dropPrefetched()
  opened.close()
}
