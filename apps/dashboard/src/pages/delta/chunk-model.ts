import type { ChunkMap, ChunkRun, ChunkSource } from '@causeway/protocol'
import { bytes, count, plural, share } from '../../parts/format.ts'

/** A run, or the part of it that lies on one row. */
export interface Piece {
  readonly run: number
  readonly row: number
  /** Shares of the row's width, 0 to 1. */
  readonly left: number
  readonly width: number
}

/** How many rows make a content easy to look at: more for many chunks, at most so many. */
export function rowsFor(chunks: number): number {
  return Math.max(1, Math.min(24, Math.ceil(chunks / 48)))
}

/** Lays a content out like text: row after row, each of the same number of bytes. */
export function layPieces(runs: readonly ChunkRun[], sizeBytes: number, rows: number): readonly Piece[] {
  const rowBytes = sizeBytes / rows
  const pieces: Piece[] = []
  for (const [run, { offset, size }] of runs.entries()) {
    let at = offset
    const end = offset + size
    while (at < end) {
      const row = Math.min(rows - 1, Math.floor(at / rowBytes + 1e-9))
      const stop = row === rows - 1 ? end : Math.min(end, (row + 1) * rowBytes)
      // Rounding must not stand still.
      if (stop <= at) break
      pieces.push({ run, row, left: (at - row * rowBytes) / rowBytes, width: (stop - at) / rowBytes })
      at = stop
    }
  }
  return pieces
}

/** The run that holds a byte. */
export function runAt(runs: readonly ChunkRun[], offset: number): number {
  let low = 0
  let high = runs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((runs[middle]?.offset ?? Infinity) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

export const SOURCE_WORDS: Readonly<Record<ChunkSource, string>> = {
  reused: 'reused: also in the previous version',
  moved: 'moved or copied: elsewhere in the previous version',
  edited: 'edited: new, replacing something else',
  new: 'new: nothing was there before',
  repeated: 'repeated: occurs earlier in this version',
  mixed: 'mixed: too fine to draw one by one',
}

/** One run for people: where, how large, from where. */
export function describeRun({ offset, size, chunks, source, from }: ChunkRun): string {
  const where = `${count(offset)} to ${count(offset + size)}, ${bytes(size)} in ${plural(chunks, 'chunk')}`
  const origin =
    from === null ? '' : source === 'edited' ? `; replaces what began at ${count(from)}` : `; was at ${count(from)}`
  return `Bytes ${where}. ${capital(SOURCE_WORDS[source])}${origin}.`
}

/** The whole map in words. */
export function summaryOf({ sizeBytes, chunks, previous, totals }: ChunkMap): string {
  const whole = `${bytes(sizeBytes)} in ${plural(chunks, 'chunk')}`
  if (previous === null) return `${whole}, the first content of this file: all of it is new.`
  const named = [
    ['reused', totals.reused],
    ['moved or copied', totals.moved],
    ['edited', totals.edited],
    ['new', totals.new],
    ['repeated', totals.repeated],
  ] as const
  const parts = named
    .filter(([, total]) => total.chunks > 0)
    .map(
      ([word, total]) =>
        `${share(total.bytes, sizeBytes)} ${word} (${plural(total.chunks, 'chunk')}, ${bytes(total.bytes)})`,
    )
  return `${whole}, seen from version ${previous.seq} of ${bytes(previous.sizeBytes)}: ${parts.join(', ') || 'nothing in it'}.`
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
