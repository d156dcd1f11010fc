import type { Point } from './point.ts'

/** What came of one point. */
export interface Outcome {
  /** The call that was never made; undefined if the process did not get that far this time. */
  readonly met: string | undefined
  /** What is not as it should be, in sentences. */
  readonly faults: readonly string[]
}

/** One process, and one scenario for it, that can be run over and over. */
export interface Trial {
  /** Runs the scenario to its end and returns the tracer's record. */
  count(): Promise<string>
  /** Runs it up to a point, lets a new process go on from there, and looks at what became of it. */
  attempt(point: Point): Promise<Outcome>
}
