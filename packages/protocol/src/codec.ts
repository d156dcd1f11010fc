import { Decoder, Encoder, setSizeLimits } from 'cbor-x'
import type { z } from 'zod'
import { LIMITS } from './limits.ts'
import { check } from './check.ts'
import { SyncError } from './error-codes.ts'
import { scanCbor } from './scan-cbor.ts'

// A forged length must not allocate: nothing on the wire has more items than this.
setSizeLimits({ maxArraySize: LIMITS.itemsPerList, maxMapSize: 100_000, maxObjectSize: 100_000 })

const options = { useRecords: false, mapsAsObjects: true, tagUint8Array: false, variableMapSize: true } as const
const encoder = new Encoder(options)
const decoder = new Decoder(options)

/** One message as CBOR. */
export function encode(message: unknown): Uint8Array {
  return encoder.encode(message)
}

/**
 * Reads one message and checks it against its schema. Throws `bad-request`
 * on anything else; nothing larger than `LIMITS.inflatedBytes` is looked at.
 */
export function decode<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.infer<Schema> {
  if (bytes.length > LIMITS.inflatedBytes) {
    throw new SyncError('too-large', `a message of ${bytes.length} bytes is over the limit of ${LIMITS.inflatedBytes}`)
  }
  return check(schema, parse(bytes))
}

function parse(bytes: Uint8Array): unknown {
  const problem = scanCbor(bytes)
  if (problem !== null) throw new SyncError('bad-request', `the message is not CBOR as we write it: ${problem}`)
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new SyncError('bad-request', 'the message is not CBOR', { cause })
  }
}
