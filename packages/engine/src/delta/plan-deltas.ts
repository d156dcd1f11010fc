import { LIMITS, type Manifest } from '@causeway/protocol'
import type { Anchors } from './anchors.ts'
import { newStretches, type NewStretch, type Region, type StretchLimits } from './new-stretches.ts'

/**
 * As `newStretches`, for whoever has sampled the bytes of both contents: the
 * region of each new chunk is the part of the base that shares most anchors
 * with it, so that what was moved or pushed far along is found. Neighbouring
 * chunks whose regions are neighbours are one stretch. Where anchors tell
 * nothing the guess of `newStretches` stands.
 */
export function planDeltas(
  base: Manifest,
  next: Manifest,
  anchors: { readonly base: Anchors; readonly next: Anchors },
  limits: StretchLimits = {},
): readonly NewStretch[] {
  const maxBytes = Math.min(limits.maxBytes ?? DEFAULT_STRETCH_BYTES, LIMITS.deltaBytes)
  const slackBytes = limits.slackBytes ?? DEFAULT_SLACK_BYTES
  const baseBytes = base.reduce((sum, chunk) => sum + chunk.size, 0)
  const places = placesOf(anchors.base)
  const planned: NewStretch[] = []
  let open: NewStretch | undefined
  // Guessed without slack: what is widened once and then joined would be widened between its parts too.
  for (const chunk of newStretches(base, next, { maxBytes: 1, slackBytes: 0 })) {
    const told = { ...chunk, region: bestRegion(chunk, anchors.next, places, baseBytes) }
    const both = open && joined(open, told, maxBytes, slackBytes)
    if (both === undefined && open !== undefined) planned.push(open)
    open = both ?? told
  }
  if (open !== undefined) planned.push(open)
  return planned.map((stretch) => ({ ...stretch, region: widened(stretch, slackBytes, baseBytes) }))
}

const DEFAULT_STRETCH_BYTES = 1024 * 1024
const DEFAULT_SLACK_BYTES = 64 * 1024
/** A name that the base has more often tells nothing about a place. */
const MOST_PLACES = 4

function placesOf({ names, offsets }: Anchors): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>()
  names.forEach((name, at) => {
    const there = places.get(name)
    if (there === undefined) places.set(name, [offsets[at] ?? 0])
    else if (there.length <= MOST_PLACES) there.push(offsets[at] ?? 0)
  })
  return places
}

/** The part of the base where most of a chunk's anchors are; where the guess holds as many, or no two agree, the guess. */
function bestRegion(
  chunk: NewStretch,
  anchors: Anchors,
  places: ReadonlyMap<number, readonly number[]>,
  baseBytes: number,
): Region | null {
  const votes = votesOf(chunk, anchors, places)
  const guess = chunk.region && middleOf(chunk.region, 2 * chunk.sizeBytes)
  const guessed = votes.reduce((sum, { place, weight }) => sum + (isWithin(guess, place) ? weight : 0), 0)
  let best = { weight: Math.max(guessed, 1), from: 0, to: 0 }
  let weight = 0
  let low = 0
  for (const vote of votes) {
    weight += vote.weight
    while (vote.start - (votes[low]?.start ?? 0) > chunk.sizeBytes / 2) {
      weight -= votes[low]?.weight ?? 0
      low++
    }
    // Weights are sums of fractions: less than half a vote more is none.
    if (weight > best.weight + 0.5) best = { weight, from: votes[low]?.start ?? 0, to: vote.start }
  }
  if (best.weight === Math.max(guessed, 1)) return guess
  const from = Math.max(0, best.from)
  const to = Math.min(baseBytes, best.to + chunk.sizeBytes)
  return to > from ? { offset: from, length: to - from } : guess
}

/** Where the chunk would begin in the base if it lay around an anchor there as it does here, rising. */
function votesOf(chunk: NewStretch, anchors: Anchors, places: ReadonlyMap<number, readonly number[]>): readonly Vote[] {
  const votes: Vote[] = []
  for (let at = firstBehind(anchors.offsets, chunk.offset); at < anchors.offsets.length; at++) {
    const inChunk = (anchors.offsets[at] ?? 0) - chunk.offset
    if (inChunk > chunk.sizeBytes) break
    const there = places.get(anchors.names[at] ?? 0) ?? []
    if (there.length > MOST_PLACES) continue
    for (const place of there) votes.push({ place, start: place - inChunk, weight: 1 / there.length })
  }
  return votes.sort((a, b) => a.start - b.start)
}

interface Vote {
  readonly place: number
  readonly start: number
  readonly weight: number
}

/** Both as one stretch, where their chunks are neighbours and their regions, too. */
function joined(a: NewStretch, b: NewStretch, maxBytes: number, slackBytes: number): NewStretch | undefined {
  const sizeBytes = a.sizeBytes + b.sizeBytes
  if (a.first + a.count !== b.first || sizeBytes > maxBytes) return undefined
  const whole = { ...a, count: a.count + b.count, sizeBytes }
  if (a.region === null || b.region === null) return { ...whole, region: a.region ?? b.region }
  const from = Math.min(a.region.offset, b.region.offset)
  const to = Math.max(a.region.offset + a.region.length, b.region.offset + b.region.length)
  if (to - from > a.region.length + b.region.length + slackBytes) return undefined
  return { ...whole, region: { offset: from, length: to - from } }
}

function widened({ region }: NewStretch, slackBytes: number, baseBytes: number): Region | null {
  if (region === null) return null
  const from = Math.max(0, region.offset - slackBytes)
  const to = Math.min(baseBytes, region.offset + region.length + slackBytes, from + LIMITS.deltaBaseBytes)
  return { offset: from, length: to - from }
}

function middleOf({ offset, length }: Region, most: number): Region {
  return length <= most ? { offset, length } : { offset: offset + Math.floor((length - most) / 2), length: most }
}

function isWithin(region: Region | null, place: number): boolean {
  return region !== null && region.offset < place && place <= region.offset + region.length
}

/** The position of the first offset behind `least`. */
function firstBehind(offsets: Float64Array, least: number): number {
  let low = 0
  let high = offsets.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((offsets[middle] ?? 0) <= least) low = middle + 1
    else high = middle
  }
  return low
}
