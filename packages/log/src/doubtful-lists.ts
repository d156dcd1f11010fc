import { createHash } from 'node:crypto'
import { COORDINATOR_ID, encodeManifest, LIMITS, SyncError, type ContentHash } from '@causeway/protocol'
import type { HeldContents } from '@causeway/store'
import type { ClaimedContents } from './claimed-contents.ts'
import type { ListProof } from './ports.ts'

/** A chunk list of which a commit needs to know whether it makes its content. */
export interface DoubtfulList {
  readonly content: ContentHash
  readonly list: Uint8Array
  /** It is the one that is held; else one that the commit brings. */
  readonly isHeld: boolean
  /** It is in the way of another that the commit brings. */
  readonly isInTheWay: boolean
}

/** What was found out about lists so far, while one commit is decided. */
export class Proofs {
  readonly #known = new Map<string, ListProof>()

  of(content: ContentHash, list: Uint8Array): ListProof | undefined {
    return this.#known.get(nameOf(content, list))
  }

  put(content: ContentHash, list: Uint8Array, proof: ListProof): void {
    this.#known.set(nameOf(content, list), proof)
  }
}

/** Thrown out of a decision that can't be taken before these lists are proven. */
export class DoubtfulLists extends Error {
  readonly lists: readonly DoubtfulList[]

  constructor(lists: readonly DoubtfulList[]) {
    super('chunk lists are to be proven first')
    this.lists = lists
  }
}

interface Decided {
  readonly claimed: ClaimedContents
  /** All that is held, and of that what the committer may claim. */
  readonly found: HeldContents
  readonly held: HeldContents
  readonly committer: string
  readonly proofs: Proofs
}

/**
 * The lists that are to be proven first. A node's word for its own contents is good enough for itself; nobody else counts
 * on it, and it is in nobody's way. The coordinator brings back only what a folder's history has.
 */
export function doubtfulLists({ claimed, found, held, committer, proofs }: Decided): readonly DoubtfulList[] {
  const doubtful: DoubtfulList[] = []
  for (const [content, size] of claimed.sizes) {
    const stored = found.manifests.get(content)
    if (stored === undefined) continue
    const isUnproven = found.unproven.has(content)
    const brought = broughtList(claimed, content)
    if (brought === undefined) {
      const counts = size > LIMITS.inlineBytes && held.manifests.has(content)
      const isOwnWord = committer === COORDINATOR_ID || found.unproven.get(content) === committer
      if (counts && isUnproven && !isOwnWord && proofs.of(content, stored) === undefined) {
        doubtful.push({ content, list: stored, isHeld: true, isInTheWay: false })
      }
    } else if (!isSame(brought, stored)) {
      if (isUnproven) doubtful.push({ content, list: stored, isHeld: true, isInTheWay: true })
      // Who only knows a hash gets nothing by a list that does not make it.
      else if (proofs.of(content, brought) === undefined) {
        doubtful.push({ content, list: brought, isHeld: false, isInTheWay: false })
      }
    }
  }
  return doubtful
}

/** What counts as held: not a list that was found to be unreadable. */
export function withoutUnreadable(held: HeldContents, proofs: Proofs): HeldContents {
  const manifests = [...held.manifests].filter(([content, list]) => proofs.of(content, list) !== 'unreadable')
  return manifests.length === held.manifests.size ? held : { ...held, manifests: new Map(manifests) }
}

/**
 * The proven lists that the commit's own lists, being others, give way to. Throws `manifest-invalid` where the
 * commit's list does not make its content.
 */
export function overruled({
  claimed,
  found,
  proofs,
}: Omit<Decided, 'committer' | 'held'>): ReadonlyMap<ContentHash, Uint8Array> {
  const lists = new Map<ContentHash, Uint8Array>()
  for (const content of claimed.sizes.keys()) {
    const stored = found.manifests.get(content)
    const brought = broughtList(claimed, content)
    if (stored === undefined || brought === undefined || isSame(brought, stored)) continue
    if (proofs.of(content, brought) !== 'right') {
      throw new SyncError('manifest-invalid', `the chunk list that was named for ${content} does not make that content`)
    }
    lists.set(content, stored)
  }
  return lists
}

function broughtList({ manifests, spliced }: ClaimedContents, content: ContentHash): Uint8Array | undefined {
  const told = manifests.get(content)
  return told === undefined ? spliced.get(content)?.encoded : encodeManifest(told)
}

function nameOf(content: ContentHash, list: Uint8Array): string {
  return `${content} ${createHash('sha256').update(list).digest('hex')}`
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
