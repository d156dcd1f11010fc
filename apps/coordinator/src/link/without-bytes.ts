import type { ChangeBatch } from '@causeway/protocol'

/** A batch for a node that may not read: what stands where, without a byte of it. */
export function withoutBytes({ patches: _, ...batch }: ChangeBatch): ChangeBatch {
  return { ...batch, contents: [] }
}
