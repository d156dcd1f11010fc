/** The last so many values of something measured, and their quantiles. */
export class Recent {
  readonly #values: Float64Array
  #count = 0

  constructor(kept: number) {
    this.#values = new Float64Array(kept)
  }

  add(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value
  }

  /** For each share, the smallest value that is not below it of all; null before the first. */
  quantiles(...shares: readonly number[]): (number | null)[] {
    const sorted = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort()
    return shares.map((share) => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null)
  }
}
