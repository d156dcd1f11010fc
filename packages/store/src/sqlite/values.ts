import type { ChunkId, ContentHash, Hash, VersionVector } from '@causeway/protocol'
import { SyncError } from '@causeway/protocol'
import type { SQLOutputValue } from 'node:sqlite'

type Cell = SQLOutputValue | Uint8Array | undefined

/** Text of one of the branded or literal types. What was checked on its way in is not checked again on its way out. */
export function text<T extends string>(cell: Cell): T {
  if (typeof cell !== 'string') throw unfit('text', cell)
  return cell as T
}

export function textOrNull<T extends string>(cell: Cell): T | null {
  return cell === null ? null : text<T>(cell)
}

export function number(cell: Cell): number {
  if (typeof cell !== 'number') throw unfit('a number', cell)
  return cell
}

export function numberOrNull(cell: Cell): number | null {
  return cell === null ? null : number(cell)
}

export function flag(cell: Cell): boolean {
  return number(cell) !== 0
}

export function bytes(cell: Cell): Uint8Array {
  if (!(cell instanceof Uint8Array)) throw unfit('bytes', cell)
  return cell
}

export function chunkId(cell: Cell): ChunkId {
  return hex(cell) as ChunkId
}

export function contentHash(cell: Cell): ContentHash {
  return hex(cell) as ContentHash
}

/** Where a column holds chunks and contents alike. */
export function hash(cell: Cell): Hash {
  return hex(cell) as Hash
}

/** A hash in half the space of its text. */
export function hashCell(value: Hash): Uint8Array {
  return Buffer.from(value, 'hex')
}

function hex(cell: Cell): string {
  const raw = bytes(cell)
  return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('hex')
}

export function json<T>(cell: Cell): T {
  return JSON.parse(text(cell))
}

export function vector(cell: Cell): VersionVector {
  return cell === null ? {} : json(cell)
}

/** Milliseconds since 1970, so that times compare however they were written. */
export function timeCell(at: string): number {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) throw new SyncError('bad-request', `"${at}" is not a time in the form of ISO 8601`)
  return ms
}

export function time(cell: Cell): string {
  return new Date(number(cell)).toISOString()
}

function unfit(expected: string, cell: Cell): SyncError {
  return new SyncError(
    'internal',
    `the database holds ${cell === null ? 'nothing' : typeof cell} where ${expected} belongs`,
  )
}
