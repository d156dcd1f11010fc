import type { ChangeBatch, Cursor } from '@causeway/protocol'
import type { WatchHint } from '@causeway/replica'
import type { HaltChoice } from '../cycle/cycle-context.ts'
import { createHintSet, WHOLE_TREE } from './hints.ts'

/** What came for a folder since its last cycle began. */
export interface FolderInbox {
  hint(hint: WatchHint): void
  /** A whole look, for its own sake. */
  lookAtAll(): void
  /** A pushed batch, in the order of arrival. */
  push(batch: ChangeBatch): void
  /** The coordinator has more than it pushes: a cycle must ask for it, and then follow again. */
  fallBehind(): void
  /** Run a cycle even if nothing came. */
  poke(): void
  /** A person decided what becomes of what is held back. */
  lift(choice: HaltChoice): void
  take(): InboxContents
  readonly isEmpty: boolean
  /** True if a cycle should begin at once, without waiting whether more comes. */
  readonly isUrgent: boolean
}

export interface InboxContents {
  readonly directories: readonly WatchHint[]
  readonly isWhole: boolean
  readonly batches: readonly ChangeBatch[]
  readonly mustFollow: boolean
  /** What a person decided, if anybody did. */
  readonly lifted: HaltChoice | null
  readonly poked: boolean
}

/** Batches wait in memory while a long cycle runs; beyond this the cycle after asks for them again. */
const MOST_BATCHES = 32

export function createFolderInbox(): FolderInbox {
  const hints = createHintSet()
  let batches: ChangeBatch[] = []
  let mustFollow = false
  let lifted: HaltChoice | null = null
  let poked = false

  return {
    get isEmpty() {
      return hints.isEmpty && batches.length === 0 && !mustFollow && lifted === null && !poked
    },
    get isUrgent() {
      return batches.length > 0 || mustFollow || lifted !== null || poked
    },
    hint: (hint) => hints.add(hint),
    lookAtAll: () => hints.add(WHOLE_TREE),
    push(batch) {
      // After a gap only a new `follow` makes batches fit again.
      if (mustFollow) return
      if (batches.length < MOST_BATCHES) batches.push(batch)
      else {
        batches = []
        mustFollow = true
      }
    },
    fallBehind() {
      batches = []
      mustFollow = true
    },
    poke() {
      poked = true
    },
    lift(choice) {
      lifted = choice
    },
    take() {
      const isWhole = hints.isWhole
      const contents = { directories: hints.take(), isWhole, batches, mustFollow, lifted, poked }
      batches = []
      mustFollow = false
      lifted = null
      poked = false
      return contents
    },
  }
}

/** Says whether the node has taken this batch already, by asking for changes itself. */
export function isKnown(batch: ChangeBatch, cursor: Cursor): boolean {
  return !batch.reset && batch.cursor.epoch === cursor.epoch && batch.cursor.seq <= cursor.seq
}
