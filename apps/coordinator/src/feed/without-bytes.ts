import type { ChangeBatch } from '@causeway/protocol'

/** A batch for a node that may not read: what stands where, without a byte of it. */
export function withoutBytes(batch: ChangeBatch): ChangeBatch {
  return { ...batch, contents: [], ...(batch.patches !== undefined && { patches: [] }) }
}
