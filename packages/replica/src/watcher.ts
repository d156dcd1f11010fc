import type { RelativePath } from './files.ts'

/**
 * Tells which directories may have changed. Hints only: the scan is the truth.
 *
 * `onHint` gets directories to look at again (`recursive`: and all below).
 * Whatever may have hidden events (overflow, a new directory, an error) is
 * answered by a recursive hint, never by silence.
 */
export interface Watcher {
  /** Resolves when every directory below the root is watched. */
  start(onHint: (hint: WatchHint) => void): Promise<void>
  stop(): Promise<void>
}

export interface WatchHint {
  readonly directory: RelativePath
  readonly recursive: boolean
}
