import type { Hash } from '@causeway/protocol'

/**
 * A set of hashes in 16 to 32 bytes each, for as many as a large folder holds.
 * It knows them by their first 64 bits: one that shares those with a member
 * counts as one, so what is asked for must do no harm when it is true by chance.
 */
export class HashMarks {
  #slots = new Uint32Array(2 * FIRST_SLOTS)
  #size = 0

  add(hash: Hash): void {
    if (4 * (this.#size + 1) > this.#slots.length) this.#grow()
    if (insert(this.#slots, high(hash), low(hash))) this.#size++
  }

  has(hash: Hash): boolean {
    const at = slotOf(this.#slots, high(hash), low(hash))
    return this.#slots[at] !== 0 || this.#slots[at + 1] !== 0
  }

  #grow(): void {
    const before = this.#slots
    this.#slots = new Uint32Array(2 * before.length)
    for (let at = 0; at < before.length; at += 2) {
      const [first = 0, second = 0] = [before[at], before[at + 1]]
      if (first !== 0 || second !== 0) insert(this.#slots, first, second)
    }
  }
}

const FIRST_SLOTS = 1024

function insert(slots: Uint32Array, first: number, second: number): boolean {
  const at = slotOf(slots, first, second)
  const isNew = slots[at] === 0 && slots[at + 1] === 0
  slots[at] = first
  slots[at + 1] = second
  return isNew
}

/** Where these are, or would go: at most half of the slots are taken. */
function slotOf(slots: Uint32Array, first: number, second: number): number {
  const mask = slots.length / 2 - 1
  for (let slot = first & mask; ; slot = (slot + 1) & mask) {
    const at = 2 * slot
    if (slots[at] === first && slots[at + 1] === second) return at
    if (slots[at] === 0 && slots[at + 1] === 0) return at
  }
}

function high(hash: Hash): number {
  return Number.parseInt(hash.slice(0, 8), 16)
}

/** Never nothing: an empty slot is told by that. */
function low(hash: Hash): number {
  return Number.parseInt(hash.slice(8, 16), 16) || 1
}
