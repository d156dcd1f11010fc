import { OPEN_GATE, createIgnoreRules, type IgnoreRules, type RemovalGate } from '@causeway/engine'
import {
  DEFAULT_DELETE_BRAKE,
  type DeleteBrake,
  type EntryId,
  type EntryState,
  type Hash,
  type NamedBytes,
  type Patch,
} from '@causeway/protocol'
import type { RelativePath, Stat } from '@causeway/replica'
import type { Disagreement } from './disagreement.ts'
import { LIVE, type LogReading } from './log-reading.ts'
import { RefusedOperations } from './commit-in-parts.ts'
import type { Problem } from './problem.ts'
import { USUAL_PAGE, type PageForm } from './read-page.ts'

/** Contents that came with a batch wait here until they are placed; past this many bytes they are fetched again. */
const KEPT_BYTES = 64 * 1024 * 1024
const MOST_AGREED = 4096
/** The same for patches, which are asked for anew. */
const KEPT_PATCH_BYTES = 16 * 1024 * 1024

/**
 * What one folder's cycles remember of each other while the process lives.
 * Losing it costs time, never data.
 */
export class CycleMemory {
  readonly #contents = new Map<Hash, Uint8Array>()
  #contentBytes = 0
  readonly #patches = new Map<Hash, Patch>()
  #patchBytes = 0
  /** The ignore rules in force and the file they were read from. */
  rules: IgnoreRules = createIgnoreRules(null)
  rulesStat: Stat | undefined
  /** True once a cycle of this process has looked for that file. */
  rulesRead = false
  /** How this node stands to the change log. */
  reading: LogReading = LIVE
  /** States the coordinator turned out to lack, until it has answered. */
  readonly offers = new Map<EntryId, EntryState>()
  /** Entries of which a pushed state seemed to know too little, and since when; most often a newer one is on its way already. */
  readonly suspects = new Map<EntryId, number>()
  /** True if the base was made to forget what lies on the disk: it is to be found there again. */
  mustLookAround = false
  /** Entries in the way of others, over which the log was read again already. */
  readonly blockers = new Set<EntryId>()
  /** What holds deletes back until they are known whole, or a person has looked. */
  removals: RemovalGate = OPEN_GATE
  /** Directories that were moved, until a cycle has looked below them too. */
  unlooked: ReadonlySet<RelativePath> = new Set()
  /** The folder's brake, as the coordinator last told it. */
  deleteBrake: DeleteBrake = DEFAULT_DELETE_BRAKE
  /** What scans came across, until the place is looked at again. */
  readonly scanProblems = new Map<RelativePath, Problem>()
  /** True if an earlier process, or a cycle that failed, may have placed what the base does not know of. */
  mayHoldUnknown = true
  /** The buckets of the digest in which node and coordinator turned out to differ, until a cycle has read them again. */
  doubted: ReadonlySet<number> | null = null
  /** True if the coordinator is to sum up anew before it compares. */
  mustRecount = false
  /** The last time that node and coordinator did not believe the same. */
  disagreement: Disagreement | null = null
  /** Contents whose chunks the coordinator has lost and asks for. */
  readonly wanted = new Set<Hash>()
  /** Large files whose content both sides have come to hold, oldest first: they may be edited next. */
  readonly agreed = new Set<EntryId>()

  /** True if the disk had no room for some small content when last one was staged. */
  isDiskFull = false
  /** Entries whose files are open for writing by another program while a change from elsewhere waits, and since when. */
  readonly inUse = new Map<EntryId, number>()
  /** What the last cycle tried and could not place: entry and position. */
  unplaced: Map<EntryId, number> = new Map()
  /** How the next page of changes is asked for. */
  page: PageForm = USUAL_PAGE
  /** Why a page could not be read since the log was last read to its end; `null` if each could. */
  unreadable: string | null = null
  readonly refused = new RefusedOperations()
  /** Changes found on this disk that the coordinator has not acknowledged, at this moment. */
  unsent = 0
  /** True while a cycle has not looked at the disk yet. */
  isScanning = true
  /** The last position of the change log that this node has heard of. */
  head = 0
  /** Called when the counts above have changed in the middle of a cycle. */
  onProgress: () => void = () => undefined

  scanBegins(): void {
    this.isScanning = true
  }

  /** A scan found so many changes to send. */
  found(changes: number): void {
    this.isScanning = false
    this.unsent = changes
    this.onProgress()
  }

  /** The coordinator has answered for so many changes. */
  acknowledged(operations: number): void {
    this.unsent = Math.max(0, this.unsent - operations)
    this.onProgress()
  }

  agree(entry: EntryId): void {
    this.agreed.delete(entry)
    this.agreed.add(entry)
    const [oldest] = this.agreed
    if (this.agreed.size > MOST_AGREED && oldest !== undefined) this.agreed.delete(oldest)
  }

  keep(contents: readonly NamedBytes[]): void {
    for (const { hash, bytes } of contents) {
      if (this.#contentBytes + bytes.length > KEPT_BYTES || this.#contents.has(hash)) continue
      this.#contents.set(hash, bytes)
      this.#contentBytes += bytes.length
    }
  }

  content(hash: Hash): Uint8Array | undefined {
    return this.#contents.get(hash)
  }

  keepPatches(patches: readonly Patch[]): void {
    for (const patch of patches) {
      const bytes = sizeOf(patch)
      if (this.#patchBytes + bytes > KEPT_PATCH_BYTES || this.#patches.has(patch.content)) continue
      this.#patches.set(patch.content, patch)
      this.#patchBytes += bytes
    }
  }

  /** How a content follows from another, if that came along. */
  patch(content: Hash): Patch | undefined {
    return this.#patches.get(content)
  }

  forgetContents(): void {
    this.#contents.clear()
    this.#contentBytes = 0
    this.#patches.clear()
    this.#patchBytes = 0
  }
}

function sizeOf({ splice, deltas }: Patch): number {
  const ofDeltas = deltas.reduce((sum, { chunks, bytes }) => sum + chunks.length + bytes.length, 0)
  return splice.parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : 16), ofDeltas)
}
