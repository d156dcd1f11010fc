import { constants, zstdCompressSync } from 'node:zlib'
import { encode, mostInflated, PACKED, PLAIN, type CoordinatorMessage } from '@causeway/protocol'

const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }
const COMPRESS_FROM_BYTES = 1024

/**
 * A message as it goes over a node's socket: a byte that says how, then CBOR, packed where that pays, but not by so much
 * that a node would refuse it.
 */
export function packSocketMessage(message: CoordinatorMessage): Uint8Array {
  const plain = encode(message)
  const packed = plain.length >= COMPRESS_FROM_BYTES ? zstdCompressSync(plain, LEVEL) : plain
  const pays = packed.length < plain.length && plain.length <= mostInflated(packed.length)
  return pays ? marked(PACKED, packed) : marked(PLAIN, plain)
}

function marked(mark: number, bytes: Uint8Array): Uint8Array {
  const message = new Uint8Array(bytes.length + 1)
  message[0] = mark
  message.set(bytes, 1)
  return message
}
