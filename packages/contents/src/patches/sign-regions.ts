import { setImmediate } from 'node:timers/promises'
import { signBlocks } from '@causeway/engine'
import { LIMITS, SyncError, type SignaturesRequest } from '@causeway/protocol'
import type { ChunkList } from './chunk-list.ts'
import type { HeldBytes } from './held-bytes.ts'

/** What one request may have read. */
const REQUEST_BYTES = LIMITS.deltaBaseBytes * 2
/** Read and signed at once: a region of any length costs no more memory than this. */
const STEP_BYTES = 256 * 1024

/**
 * The signatures of a content's stretches, one a region. A region ends where
 * the content does. Throws `too-large` for more bytes than one request may ask
 * about, and what `HeldBytes.bytes` throws.
 */
export async function signRegions(
  held: HeldBytes,
  list: ChunkList,
  { regions, blockBytes }: SignaturesRequest,
): Promise<Uint8Array[]> {
  const asked = regions.reduce((sum, { length }) => sum + length, 0)
  if (asked > REQUEST_BYTES) {
    throw new SyncError('too-large', `signatures of ${asked} bytes in one request: ${REQUEST_BYTES} are the most`)
  }
  // Blocks are signed each on its own: any whole number of them is as good as all at once.
  const step = Math.floor(STEP_BYTES / blockBytes) * blockBytes
  const signatures: Uint8Array[] = []
  for (const { offset, length } of regions) {
    const end = Math.min(offset + length, list.sizeBytes)
    const pieces: Uint8Array[] = []
    for (let at = offset; at < end; at += step) {
      const bytes = await held.bytes(list, { offset: at, length: Math.min(step, end - at) })
      pieces.push(signBlocks(bytes, blockBytes))
      await setImmediate()
    }
    signatures.push(pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces))
  }
  return signatures
}
