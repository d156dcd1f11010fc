import { DECISION_ID, type Dot, type NodeId, type Order, type VersionVector } from '@causeway/protocol'

export const EMPTY_VECTOR: VersionVector = {}

/** A node's counter in a vector; zero if it is absent. */
export function counterOf(vector: VersionVector, node: string): number {
  return Object.hasOwn(vector, node) ? (vector[node] ?? 0) : 0
}

/**
 * Says how version `a` stands to version `b`.
 *
 * A node absent from a vector counts as zero, so the empty vector is before
 * every other. `concurrent` means each side saw an event the other did not:
 * only then can there be a conflict to settle.
 */
export function compare(a: VersionVector, b: VersionVector): Order {
  const aAhead = isAhead(a, b)
  const bAhead = isAhead(b, a)
  if (aAhead && bAhead) return 'concurrent'
  if (aAhead) return 'after'
  if (bAhead) return 'before'
  return 'equal'
}

/** True if `a` has seen all that `b` has: `a` is equal to `b` or after it. */
export function includes(a: VersionVector, b: VersionVector): boolean {
  return !isAhead(b, a)
}

/** True if both have seen the same. */
export function vectorsEqual(a: VersionVector, b: VersionVector): boolean {
  return includes(a, b) && includes(b, a)
}

/** True if the vector has seen the event. */
export function hasSeen(vector: VersionVector, dot: Dot): boolean {
  return counterOf(vector, dot.node) >= dot.counter
}

/** The least vector that has seen all that either has. */
export function merge(a: VersionVector, b: VersionVector): VersionVector {
  if (!isAhead(b, a)) return a
  const entries = new Map(Object.entries(a))
  for (const [node, counter] of Object.entries(b)) {
    entries.set(node, Math.max(counter, entries.get(node) ?? 0))
  }
  return Object.fromEntries(entries)
}

/** The vector after one more event. A dot the vector has seen already changes nothing. */
export function withDot(vector: VersionVector, node: NodeId, counter: number): VersionVector {
  return counterOf(vector, node) >= counter ? vector : { ...vector, [node]: counter }
}

/**
 * True if `seen` holds every event of somebody that `vector` holds. What the
 * coordinator decided by itself is no event: nobody need have seen it to have
 * seen all that was done.
 */
export function hasSeenAll(seen: VersionVector, vector: VersionVector): boolean {
  return Object.keys(vector).every((node) => node === DECISION_ID || counterOf(seen, node) >= counterOf(vector, node))
}

/** The vector without the coordinator's own decisions. */
export function withoutDecisions(vector: VersionVector): VersionVector {
  if (!Object.hasOwn(vector, DECISION_ID)) return vector
  const { [DECISION_ID]: _decisions, ...events } = vector
  return events
}

function isAhead(a: VersionVector, b: VersionVector): boolean {
  return Object.keys(a).some((node) => counterOf(a, node) > counterOf(b, node))
}
