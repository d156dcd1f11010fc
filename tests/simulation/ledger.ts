/** Every text that was ever saved, and which of them a person has overwritten or deleted themselves. */
export class Ledger {
  readonly #saved = new Set<string>()
  readonly #destroyed = new Set<string>()

  saved(text: string): void {
    this.#saved.add(text)
  }

  /** A person, at a node that held it, put something else in its place. */
  destroyed(text: string): void {
    this.#destroyed.add(text)
  }

  wasSaved(text: string): boolean {
    return this.#saved.has(text)
  }

  /** What nobody chose to give up: it must be found somewhere. */
  standing(): readonly string[] {
    return [...this.#saved].filter((text) => !this.#destroyed.has(text))
  }
}
