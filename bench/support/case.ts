import type { Lifetime } from '../../tests/support/lifetime.ts'
import type { CaseReport } from './report.ts'

export interface CaseOptions {
  /** What the case starts ends with it. */
  readonly life: Lifetime
  /** A directory of its own. */
  readonly scratch: string
  /** A tenth of the work: to see that it runs, not for figures. */
  readonly quick: boolean
}

export interface Case {
  readonly name: string
  run(options: CaseOptions): Promise<CaseReport>
}
