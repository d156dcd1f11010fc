import type { Content, EntryId, ContentHash, VersionVector } from '@causeway/protocol'
import type { BaseEntry } from '../replica-state.ts'
import type { Stat } from '../files.ts'

/** The parameters of a `base` row, in the order of the table's columns. */
export type BaseRow = [string, string, string, number | null, bigint, bigint, bigint, string, number]

/** A row for an entry. */
export function toBaseRow(entry: BaseEntry): BaseRow {
  const { stat } = entry
  const body: BaseBody = [
    entry.placeVector,
    entry.content,
    entry.contentVector,
    entry.existenceVector,
    entry.racy ? 1 : 0,
    stat.kind,
    stat.size,
    stat.mode,
    String(stat.mtimeNs),
    String(stat.ctimeNs),
    String(stat.birthtimeNs),
    String(stat.inode),
    String(stat.device),
  ]
  return [
    entry.id,
    entry.parent,
    entry.name,
    entry.content.kind === 'file' ? hashKey(entry.content.hash) : null,
    toInt64(stat.device),
    toInt64(stat.inode),
    toInt64(stat.birthtimeNs),
    JSON.stringify(body),
    entry.seq,
  ]
}

/** The reverse. */
export function fromBaseRow(row: Record<string, unknown>): BaseEntry {
  const body = JSON.parse(text(row['body'])) as BaseBody
  return {
    id: text(row['id']) as EntryId,
    parent: text(row['parent']) as EntryId,
    name: text(row['name']),
    placeVector: body[0],
    content: body[1],
    contentVector: body[2],
    existenceVector: body[3],
    seq: Number(row['seq']),
    racy: body[4] === 1,
    stat: {
      kind: body[5],
      size: body[6],
      mode: body[7],
      mtimeNs: BigInt(body[8]),
      ctimeNs: BigInt(body[9]),
      birthtimeNs: BigInt(body[10]),
      inode: BigInt(body[11]),
      device: BigInt(body[12]),
    },
  }
}

/** The first 52 bits of a hash: exact as a number. */
export function hashKey(hash: ContentHash | string): number {
  return Number.parseInt(hash.slice(0, 13), 16)
}

/** An unsigned 64-bit number as SQLite can hold it. */
export function toInt64(value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

/** A column that the schema says is text. */
export function text(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`expected text in the state, found ${typeof value}`)
  return value
}

// By position: half the bytes, and half the time, of the same with names.
type BaseBody = [
  placeVector: VersionVector,
  content: Content,
  contentVector: VersionVector,
  existenceVector: VersionVector,
  racy: 0 | 1,
  kind: Stat['kind'],
  size: number,
  mode: number,
  mtimeNs: string,
  ctimeNs: string,
  birthtimeNs: string,
  inode: string,
  device: string,
]
