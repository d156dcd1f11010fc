import { setImmediate as breathe } from 'node:timers/promises'
import { DigestSums } from '@causeway/engine'
import type { CycleContext } from '../cycle-context.ts'

export type Verdict =
  /** Both hold the same. `what` names the position and the sum of which that was shown. */
  | { readonly kind: 'equal'; readonly what: string }
  /** The node stands elsewhere in the log, waits for answers, or the coordinator is still summing up. */
  | { readonly kind: 'not-now' }
  /** The next cycle reads again what differs (`readAgain`). */
  | { readonly kind: 'differs' }

/** Entries counted before others get their turn: a save must not wait for it. */
const COUNTED_AT_ONCE = 200

export interface ProofRequest {
  /** What was shown before, as its verdict named it: that is not asked again. */
  readonly shown: string | null
  /** False once something else is to be done: counting goes on another time then. */
  isAtRest(): boolean
}

/**
 * Compares what this node believes the folder to hold with what the
 * coordinator holds. May run while cycles do: what is compared is one moment's.
 */
export async function proveIdle(
  context: Pick<CycleContext, 'folder' | 'state' | 'link' | 'memory'>,
  { shown, isAtRest }: ProofRequest,
  signal: AbortSignal,
): Promise<Verdict> {
  const { folder, state, link, memory } = context
  const { belief } = memory.pull
  const sums = await countedBeliefs(context, isAtRest, signal)
  if (sums === undefined || isUnderWay(context)) return { kind: 'not-now' }
  const cursor = state.cursor()
  const whole = sums.whole()
  const what = `${cursor.epoch} ${cursor.seq} ${cursor.tag} ${Buffer.from(whole).toString('hex')}`
  if (what === shown) return { kind: 'equal', what }
  const recount = belief.mustRecount
  const answer = await link.compareDigest(folder, { cursor, whole, ...(recount && { recount }) })
  belief.compared()
  signal.throwIfAborted()
  if (answer.kind === 'equal') return { kind: 'equal', what }
  if (answer.kind === 'not-now') return { kind: 'not-now' }
  belief.doubt(new Set(sums.differing(DigestSums.fromBytes(answer.sums))))
  return { kind: 'differs' }
}

/** The sums as of the moment in which this resolves; undefined where something else came first. */
async function countedBeliefs(
  { state }: Pick<CycleContext, 'state'>,
  isAtRest: () => boolean,
  signal: AbortSignal,
): Promise<DigestSums | undefined> {
  for (;;) {
    signal.throwIfAborted()
    const sums = state.countBeliefs(COUNTED_AT_ONCE)
    if (sums !== undefined || !isAtRest()) return sums
    await breathe()
  }
}

/** True while what is believed is about to be corrected anyhow. */
function isUnderWay({ memory }: Pick<CycleContext, 'memory'>): boolean {
  return memory.pull.owes() || memory.apply.owes() || !memory.send.reoffers.isEmpty
}
