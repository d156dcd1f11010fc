import { zstdDecompressSync } from 'node:zlib'
import { CoordinatorMessageSchema, decode, PACKED, type CoordinatorMessage } from '@causeway/protocol'

/** A message as a node reads it off its socket. */
export function readSocketMessage(message: Uint8Array): CoordinatorMessage {
  const body = message.subarray(1)
  return decode(CoordinatorMessageSchema, message[0] === PACKED ? zstdDecompressSync(body) : body)
}
