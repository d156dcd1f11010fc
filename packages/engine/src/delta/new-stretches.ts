import { LIMITS, type Manifest } from '@causeway/protocol'
import { copiedRuns } from './splice.ts'

/** Neighbouring new chunks of a content, and the bytes of its base that they most likely replace. */
export interface NewStretch {
  /** Their positions in the content's list. */
  readonly first: number
  readonly count: number
  readonly sizeBytes: number
  /** Where their bytes begin in the content. */
  readonly offset: number
  /** Bytes of the base; `null` where there are none to compare with. */
  readonly region: Region | null
}

export interface Region {
  readonly offset: number
  readonly length: number
}

export interface StretchLimits {
  /** Bytes that one stretch has at most, if it is not a single chunk: up to `LIMITS.deltaBytes`. */
  readonly maxBytes?: number
  /**
   * How far a region is widened at either side. It costs nothing where the
   * region is a dictionary. Where its signature has to be sent take 0: between
   * chunks that stayed, the region is then exactly what they lost.
   */
  readonly slackBytes?: number
}

/**
 * The chunks of `next` that `base` does not hold, as stretches to be told by
 * deltas, in their order. A new chunk that comes several times is in one
 * stretch only.
 *
 * What lies between two chunks that stayed replaces what lay between them in
 * the base. A stretch that was split off a longer one gets its share of that,
 * widened by as much as old and new differ in length (256 KiB at most), since
 * nobody knows where in it they do.
 */
export function newStretches(base: Manifest, next: Manifest, limits: StretchLimits = {}): readonly NewStretch[] {
  const maxBytes = Math.min(limits.maxBytes ?? DEFAULT_STRETCH_BYTES, LIMITS.deltaBytes)
  const slackBytes = limits.slackBytes ?? DEFAULT_SLACK_BYTES
  const baseOffsets = offsetsOf(base)
  const offsets = offsetsOf(next)
  const baseBytes = baseOffsets[base.length] ?? 0
  const seen = new Set<string>()
  const stretches: NewStretch[] = []
  const runs = copiedRuns(base, next)
  let first = 0
  let lower = 0
  for (const run of [...runs, { from: base.length, to: next.length, count: 0 }]) {
    const gap: Gap = {
      start: offsets[first] ?? 0,
      end: offsets[run.to] ?? 0,
      baseStart: lower,
      baseEnd: baseOffsets[run.from] ?? baseBytes,
    }
    for (const piece of piecesOf(next, first, run.to, maxBytes, seen)) {
      const offset = offsets[piece.first] ?? 0
      const sizeBytes = (offsets[piece.first + piece.count] ?? 0) - offset
      stretches.push({ ...piece, offset, sizeBytes, region: regionOf(gap, offset, sizeBytes, slackBytes, baseBytes) })
    }
    first = run.to + run.count
    lower = baseOffsets[run.from + run.count] ?? baseBytes
  }
  return stretches
}

/**
 * The stretches with the whole base as the region of each, the same object,
 * where their own regions are most of it anyway: one signature of all of it
 * costs no more, and also finds what was moved. Otherwise as they are.
 */
export function sharingRegion(stretches: readonly NewStretch[], baseBytes: number): readonly NewStretch[] {
  const asked = stretches.reduce((sum, { region }) => sum + (region?.length ?? 0), 0)
  if (baseBytes > LIMITS.deltaBaseBytes || asked < (baseBytes * 3) / 4) return stretches
  const region = { offset: 0, length: baseBytes }
  return stretches.map((stretch) => ({ ...stretch, region }))
}

const DEFAULT_STRETCH_BYTES = 1024 * 1024
const DEFAULT_SLACK_BYTES = 64 * 1024
const DRIFT_BYTES = 256 * 1024

/** What changed between two chunks that stayed: bytes of the new content, and the bytes of the base they stand for. */
interface Gap {
  readonly start: number
  readonly end: number
  readonly baseStart: number
  readonly baseEnd: number
}

function regionOf(gap: Gap, offset: number, sizeBytes: number, slackBytes: number, baseBytes: number): Region | null {
  const length = gap.end - gap.start
  // A run that was moved forward is followed by one from further back: only what comes after the first one is a guess.
  const baseLength = gap.baseEnd >= gap.baseStart ? gap.baseEnd - gap.baseStart : length
  const drift = Math.min(Math.abs(baseLength - length), DRIFT_BYTES)
  const scale = baseLength / length
  const isFirst = offset === gap.start
  const isLast = offset + sizeBytes === gap.end
  const start = gap.baseStart + (isFirst ? 0 : Math.floor((offset - gap.start) * scale) - drift)
  const end = gap.baseStart + (isLast ? baseLength : Math.ceil((offset + sizeBytes - gap.start) * scale) + drift)
  const widest = Math.min(LIMITS.deltaBaseBytes, sizeBytes * 4 + DRIFT_BYTES + 2 * slackBytes)
  const from = clamp(start - slackBytes, 0, baseBytes)
  const to = Math.min(clamp(end + slackBytes, 0, baseBytes), from + widest)
  return to > from ? { offset: from, length: to - from } : null
}

/** The new chunks in `[from, to)`, without those seen before, in neighbouring ones of up to `maxBytes`. */
function* piecesOf(
  list: Manifest,
  from: number,
  to: number,
  maxBytes: number,
  seen: Set<string>,
): Generator<{ first: number; count: number }> {
  let first = from
  let bytes = 0
  for (let at = from; at < to; at++) {
    const chunk = list[at]
    if (chunk === undefined) break
    const repeated = seen.has(chunk.hash)
    if (at > first && (repeated || bytes + chunk.size > maxBytes)) {
      yield { first, count: at - first }
      first = at
      bytes = 0
    }
    if (repeated) {
      first = at + 1
      continue
    }
    seen.add(chunk.hash)
    bytes += chunk.size
  }
  if (to > first) yield { first, count: to - first }
}

function offsetsOf(list: Manifest): Float64Array {
  const offsets = new Float64Array(list.length + 1)
  list.forEach((chunk, at) => (offsets[at + 1] = (offsets[at] ?? 0) + chunk.size))
  return offsets
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
