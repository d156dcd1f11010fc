import type { Assignments, CarriedFolder, FolderEnd, FolderId, FolderOffer } from '@causeway/protocol'

/** What the coordinator says of a node's folders. */
export interface Told {
  readonly carried: readonly Pick<CarriedFolder, 'id' | 'name' | 'access'>[]
  readonly assignments: Assignments
}

export const NOTHING_TOLD: Told = { carried: [], assignments: { offers: [], ended: [] } }

export interface Standing {
  /** Folders with a directory here that the node carries no longer. */
  readonly ended: readonly FolderEnd[]
  /** Folders that want for a directory here. */
  readonly offers: readonly FolderOffer[]
}

/**
 * How a node's directories stand to what it was told. A folder that merely is
 * not named has not ended: a coordinator that was set back to an older copy
 * knows less than it did. One that is carried and has no directory here was
 * accepted by a node that ended before it had written that down.
 */
export function standingOf(bound: readonly FolderId[], { carried, assignments }: Told): Standing {
  const here = new Set(bound)
  const isCarried = new Set(carried.map(({ id }) => id))
  const why = new Map(assignments.ended.map((end) => [end.id, end.why]))
  // Taken away and given again while nobody was here to listen.
  for (const { id } of assignments.offers) if (!why.has(id)) why.set(id, 'taken-away')
  const ended = bound.flatMap((id) => {
    const reason = why.get(id)
    return reason === undefined || isCarried.has(id) ? [] : [{ id, why: reason }]
  })
  const unbound = carried.filter(({ id }) => !here.has(id)).map(({ id, name, access }) => ({ id, name, access }))
  const offered = assignments.offers.filter(({ id }) => !isCarried.has(id))
  return { ended, offers: [...offered, ...unbound] }
}

/** Whether what came over the socket speaks against what the node does: a sign-in that begins now tells for certain. */
export function isDoubtful(bound: readonly FolderId[], { offers, ended }: Assignments): boolean {
  const named = new Set([...offers, ...ended].map(({ id }) => id))
  return bound.some((id) => named.has(id))
}
