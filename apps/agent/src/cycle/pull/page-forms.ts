/** How a node asks for changes. */
export interface PageForm {
  readonly limit: number
  /** True to be sent every state whole. */
  readonly full: boolean
}

const USUAL: PageForm = { limit: 1000, full: false }

/**
 * How the next page of changes is asked for. A page that can't be read is
 * asked for whole, then in ever smaller pages; the last form that failed is
 * remembered, so that no request is repeated as it was.
 */
export class PageForms {
  #next = USUAL
  #trouble: string | null = null

  next(isFull: boolean): PageForm {
    return { limit: this.#next.limit, full: isFull || this.#next.full }
  }

  /** A page in this form was read. */
  read({ limit }: PageForm): void {
    this.#next = { ...this.#next, limit: Math.min(USUAL.limit, limit * 2) }
  }

  /** A page in this form could not be. False if there is no smaller one. */
  failed(form: PageForm, why: string): boolean {
    this.#trouble = why
    if (form.full && form.limit === 1) return false
    this.#next = form.full ? { full: true, limit: Math.floor(form.limit / 2) } : { ...form, full: true }
    return true
  }

  /** The log was read to its end. Returns why some page on the way could not be read; `null` if each could. */
  finish(): string | null {
    const trouble = this.#trouble
    this.#next = USUAL
    this.#trouble = null
    return trouble
  }
}
