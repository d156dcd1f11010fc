/** Counts the changes of this disk that the coordinator has not acknowledged, while a cycle runs. */
export class UnsentChanges {
  #count = 0
  #isScanning = true
  #onChange: () => void = () => undefined

  get count(): number {
    return this.#count
  }

  /** True while a cycle has not looked at the disk yet. */
  get isScanning(): boolean {
    return this.#isScanning
  }

  /** Calls back when the count has changed in the middle of a cycle. */
  listen(onChange: () => void): void {
    this.#onChange = onChange
  }

  scanBegins(): void {
    this.#isScanning = true
  }

  /** A scan found so many changes to send. */
  found(changes: number): void {
    this.#isScanning = false
    this.#count = changes
    this.#onChange()
  }

  /** The coordinator has answered for so many changes. */
  acknowledged(operations: number): void {
    this.#count = Math.max(0, this.#count - operations)
    this.#onChange()
  }

  /** A cycle has ended, and so many are left. */
  left(changes: number): void {
    this.#count = changes
  }
}
