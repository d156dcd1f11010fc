import { isChunkId, LIMITS, type ChunkId } from '@causeway/protocol'
import { crc32 } from 'node:zlib'
import type { PackLocation, StoredChunk } from '../pack-store.ts'
import { isPackName } from './pack-name.ts'

/**
 * A record in a pack, all numbers big-endian: magic (4 bytes), format (1),
 * flags (1; bit 0: zstd), zero (2), SHA-256 of the plain bytes (32), plain
 * size (4), stored size (4), CRC-32 of the stored bytes (4), CRC-32 of the
 * header before it (4); then the stored bytes.
 */
export const HEADER_BYTES = 56

/** zstd never makes a chunk longer than this; a header that claims more is no header. */
export const MAX_STORED_BYTES = LIMITS.chunkBytes + 64 * 1024

export const MAGIC = Buffer.from('CWPK', 'latin1')
const FORMAT = 1
const COMPRESSED = 1

export interface RecordHeader {
  readonly hash: ChunkId
  readonly size: number
  readonly storedSize: number
  readonly compressed: boolean
  readonly bodyChecksum: number
}

export function encodeHeader(chunk: StoredChunk): Buffer {
  const header = Buffer.alloc(HEADER_BYTES)
  MAGIC.copy(header, 0)
  header[4] = FORMAT
  header[5] = chunk.compressed ? COMPRESSED : 0
  header.write(chunk.hash, 8, 32, 'hex')
  header.writeUInt32BE(chunk.size, 40)
  header.writeUInt32BE(chunk.bytes.length, 44)
  header.writeUInt32BE(chunk.checksum ?? crc32(chunk.bytes), 48)
  header.writeUInt32BE(crc32(header.subarray(0, 52)), 52)
  return header
}

/** Undefined where these bytes are no whole and sound header. */
export function decodeHeader(bytes: Buffer): RecordHeader | undefined {
  if (bytes.length < HEADER_BYTES || !bytes.subarray(0, 4).equals(MAGIC) || bytes[4] !== FORMAT) return undefined
  if (bytes.readUInt32BE(52) !== crc32(bytes.subarray(0, 52))) return undefined
  const hash = bytes.toString('hex', 8, 40)
  const storedSize = bytes.readUInt32BE(44)
  if (!isChunkId(hash) || storedSize > MAX_STORED_BYTES) return undefined
  return {
    hash,
    size: bytes.readUInt32BE(40),
    storedSize,
    compressed: ((bytes[5] ?? 0) & COMPRESSED) !== 0,
    bodyChecksum: bytes.readUInt32BE(48),
  }
}

export function bodyIsSound(header: RecordHeader, body: Uint8Array): boolean {
  return body.length === header.storedSize && crc32(body) === header.bodyChecksum
}

/** False for a location at which no pack can hold a record. */
export function mayHoldRecord({ pack, offset, storedSize }: PackLocation): boolean {
  return isPackName(pack) && isCount(offset) && isCount(storedSize) && storedSize <= MAX_STORED_BYTES
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
