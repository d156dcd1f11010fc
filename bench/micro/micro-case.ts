/** A part of the product beside the plainest way to touch the same data, in the same process. */
export interface MicroCase {
  readonly part: string
  /** What one run works through. */
  readonly work: string
  /** Bytes or items of one run, for the rate. */
  readonly amount: number
  readonly unit: 'bytes' | 'items'
  readonly run: () => unknown
  readonly yardstick: string
  readonly plain: () => unknown
  /** Waits for a disk: wall time counts, else processor time. */
  readonly waits?: boolean
}

export interface MicroResult {
  readonly part: string
  readonly work: string
  readonly yardstick: string
  readonly unit: 'bytes' | 'items'
  readonly clock: 'processor' | 'wall'
  /** Amounts a second, medians. */
  readonly rate: number
  readonly plainRate: number
  /** How many times the yardstick's time the part takes: the median of the ratios of neighbouring runs. */
  readonly times: number
}
