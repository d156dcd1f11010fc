import { LIMITS, PatchItemSchema, SyncError, decode, type PatchItem } from '@causeway/protocol'

/**
 * The items of a patch stream (see `PATCH_TYPE`), as soon as each is whole.
 * Throws `too-large` before it gathers an item over the limit, `offline` if
 * the stream ends within one, `bad-request` on what is no item.
 */
export async function* decodePatchStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<PatchItem> {
  let held: Uint8Array[] = []
  let heldBytes = 0
  for await (const piece of body) {
    held.push(piece)
    heldBytes += piece.length
    if (heldBytes < wantedBytes(held, heldBytes)) continue
    let rest = joined(held)
    for (let wanted = itemBytes(rest); rest.length >= wanted; wanted = itemBytes(rest)) {
      yield decode(PatchItemSchema, rest.subarray(HEAD_BYTES, wanted))
      rest = rest.subarray(wanted)
    }
    held = rest.length === 0 ? [] : [rest]
    heldBytes = rest.length
  }
  if (heldBytes > 0) throw new SyncError('offline', `a patch ended within an item, after ${heldBytes} bytes of it`)
}

const HEAD_BYTES = 4

/** How many bytes the first item has, head included; as much as is known so far. */
function wantedBytes(pieces: readonly Uint8Array[], heldBytes: number): number {
  const [first] = pieces
  if (first !== undefined && first.length >= HEAD_BYTES) return itemBytes(first)
  return heldBytes < HEAD_BYTES ? HEAD_BYTES : itemBytes(joined(pieces))
}

function itemBytes(bytes: Uint8Array): number {
  if (bytes.length < HEAD_BYTES) return HEAD_BYTES
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0)
  if (length > LIMITS.messageBytes) {
    throw new SyncError('too-large', `an item of ${length} bytes is over the limit of ${LIMITS.messageBytes}`)
  }
  return HEAD_BYTES + length
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces
  return pieces.length === 1 && first !== undefined ? first : Buffer.concat(pieces)
}
