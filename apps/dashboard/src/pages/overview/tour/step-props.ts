import type { FolderView } from '@causeway/protocol'
import type { Progress } from './progress.ts'

/** What the body of a step is told. */
export interface StepProps {
  /** Where it is to be done: the folder that is looked at. */
  readonly folder: FolderView
  readonly progress: Progress
}
