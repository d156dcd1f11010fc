import { COORDINATOR_ID, DECISION_ID, LIMITS, type VersionVector } from '@causeway/protocol'
import { counterOf } from '../version-vector.ts'

/** What the coordinator knows of a log that was set back: while it is known, nodes may offer what was lost. */
export interface SetBack {
  /** The folder's clock when this was found out, before the coordinator's own counter leapt. */
  readonly from: VersionVector
}

/** More events than a coordinator has of its own between two backups. */
const LEAST_LEAP = 2 ** 31
const LEAPS = 2 ** 32
/** What offered states may be ahead of the clock that was left by: of the coordinator, an earlier leap and what followed it. */
const COORDINATOR_AHEAD = 2 ** 33
/** Nodes that joined after the backup was made. */
const NEW_NODES = 256

/**
 * The coordinator's next counter after a set-back. Events it has lost must
 * not get the same: neither those before, nor those that followed an earlier
 * return to the same backup. So the leap is a random one (`random` is from 0
 * up to, but not including, 1).
 */
export function counterAfterSetBack(clock: VersionVector, random: number): number {
  return counterOf(clock, COORDINATOR_ID) + LEAST_LEAP + Math.floor(random * LEAPS)
}

/**
 * True if an offered vector may be true: what was lost is bounded, so nobody
 * can lift the folder's clock to where others can't follow, or fill it with
 * names.
 */
export function mayHaveBeenLost({ from }: SetBack, clock: VersionVector, vector: VersionVector): boolean {
  let names = Object.keys(clock).length
  const most = Math.min(LIMITS.nodesPerVector, Object.keys(from).length + NEW_NODES)
  return Object.entries(vector).every(([node, counter]) => {
    if (counter <= counterOf(clock, node)) return true
    if (!Object.hasOwn(clock, node) && ++names > most) return false
    const ahead = node === COORDINATOR_ID || node === DECISION_ID ? COORDINATOR_AHEAD : LIMITS.counterStep
    return counter <= Math.min(LIMITS.counter, counterOf(from, node) + ahead)
  })
}
