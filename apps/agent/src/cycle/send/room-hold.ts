import type { Refusal } from '@causeway/protocol'
import { TIMINGS } from '../timings.ts'

export type NoRoomCode = Extract<Refusal, 'no-room' | 'over-quota'>

export interface HeldForRoom {
  readonly code: NoRoomCode
  readonly detail: string
  readonly retryInMs: number
}

/**
 * What the coordinator has no room for: from the smallest number of bytes that it refused on, files wait together, unread,
 * and are tried again ever less often.
 */
export class RoomHold {
  readonly #code: NoRoomCode
  #refused:
    | { readonly sizeBytes: number; readonly detail: string; readonly retryAtMs: number; readonly waitMs: number }
    | undefined

  constructor(code: NoRoomCode) {
    this.#code = code
  }

  /** Why a file of this size is not to be sent now; `undefined` if it may be. */
  hold(sizeBytes: number, nowMs: number): HeldForRoom | undefined {
    const refused = this.#refused
    if (refused === undefined || nowMs >= refused.retryAtMs || sizeBytes < refused.sizeBytes) return undefined
    return { code: this.#code, detail: refused.detail, retryInMs: refused.retryAtMs - nowMs }
  }

  refused(sizeBytes: number, detail: string, nowMs: number): void {
    const before = this.#refused
    if (before !== undefined && nowMs < before.retryAtMs) {
      // One of several that were refused together.
      this.#refused = { ...before, detail, sizeBytes: Math.min(sizeBytes, before.sizeBytes) }
      return
    }
    const waitMs = before === undefined ? TIMINGS.firstRoomMs : Math.min(2 * before.waitMs, TIMINGS.longestRoomMs)
    this.#refused = { sizeBytes, detail, retryAtMs: nowMs + waitMs, waitMs }
  }

  accepted(sizeBytes: number): void {
    if (this.#refused !== undefined && sizeBytes >= this.#refused.sizeBytes) this.#refused = undefined
  }

  /** Lets everything be tried again at once; false where nothing waited. */
  forget(): boolean {
    const waited = this.#refused !== undefined
    this.#refused = undefined
    return waited
  }
}

/** A size twice: of the whole content, and by how much it makes its folder larger. */
export interface SizeAndGrowth {
  readonly sizeBytes: number
  readonly growthBytes: number
}

/**
 * What a limit keeps waiting. A folder's limit counts growth, a node's daily one whole contents, and a refusal does not say
 * which it was: what is at least as large in both is sure to be refused as well.
 */
export class QuotaHold {
  readonly #sizes = new RoomHold('over-quota')
  readonly #growths = new RoomHold('over-quota')

  hold({ sizeBytes, growthBytes }: SizeAndGrowth, nowMs: number): HeldForRoom | undefined {
    return this.#sizes.hold(sizeBytes, nowMs) && this.#growths.hold(growthBytes, nowMs)
  }

  refused({ sizeBytes, growthBytes }: SizeAndGrowth, detail: string, nowMs: number): void {
    this.#sizes.refused(sizeBytes, detail, nowMs)
    this.#growths.refused(growthBytes, detail, nowMs)
  }

  /** Lets everything be tried again at once; false where nothing waited. */
  forget(): boolean {
    const waited = this.#sizes.forget()
    return this.#growths.forget() || waited
  }
}
