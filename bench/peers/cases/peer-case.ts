import type { Corpus } from '../data/corpus.ts'
import type { ToolName } from '../tools/tool.ts'

/** What a case has to work with. */
export interface Stage {
  readonly corpus: Corpus
  readonly rootA: string
  /** Beside the roots, on the same disk: what is made here is moved into a root in one step. */
  readonly stage: string
  readonly quick: boolean
}

/** One change, prepared: from `apply` on the clock runs. */
export interface Change {
  /** Changes host A's root, in as few system calls as can be. */
  apply(): Promise<void>
  /** Cheap: asked every few milliseconds whether a root holds all that was changed. */
  isComplete(root: string): Promise<boolean>
}

export interface PeerCase {
  readonly name: string
  /** For the table. */
  readonly title: string
  /** Those that must have been done before. */
  readonly needs: readonly string[]
  /** The tools it says something about; all where it is not given. */
  readonly tools?: readonly ToolName[]
  /** Something is removed: brakes may hold it, rsync must be told. */
  readonly deletes?: boolean
  /** Only brings about what another case starts from: its figures are kept, not shown. */
  readonly isSetup?: boolean
  prepare(stage: Stage): Promise<Change>
}
