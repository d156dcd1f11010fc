import { zstdDecompressSync } from 'node:zlib'
import {
  CoordinatorMessageSchema,
  PACKED,
  PLAIN,
  SyncError,
  decode,
  mostInflated,
  type CoordinatorMessage,
} from '@causeway/protocol'

/** Reads a message from the coordinator's socket. Throws `bad-request` on anything that is none, or that inflates beyond bounds. */
export function unpackSocketMessage(message: Uint8Array): CoordinatorMessage {
  const body = message.subarray(1)
  if (message[0] === PLAIN) return decode(CoordinatorMessageSchema, body)
  if (message[0] === PACKED) return decode(CoordinatorMessageSchema, inflate(body))
  throw new SyncError('bad-request', `a message of an unknown kind came over the link (${message[0] ?? 'empty'})`)
}

function inflate(body: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(body, { maxOutputLength: mostInflated(body.length) })
  } catch (cause) {
    throw new SyncError('bad-request', 'a message from the coordinator does not inflate', { cause })
  }
}
