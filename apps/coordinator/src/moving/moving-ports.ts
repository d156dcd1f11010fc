import type { Progress } from './progress.ts'

/** What the commands that copy installations are given. */
export interface MovingPorts {
  readonly say: (line: string) => void
  readonly progress: Progress
  /** The time, ISO 8601. */
  readonly now: () => string
  readonly sleep: (milliseconds: number) => Promise<void>
  /** Called with how to close each thing once it is open. */
  readonly opened: (close: () => Promise<void>) => void
}
