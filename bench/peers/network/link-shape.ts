import type { LinkShape } from './network.ts'

/**
 * Reads `50mbit,40ms`: a rate (`kbit`, `mbit`, `gbit`) and a round trip (`ms`).
 * Throws a `RangeError` that says what it should look like.
 */
export function parseLinkShape(text: string): LinkShape {
  const match = /^(\d+(?:\.\d+)?)(k|m|g)bit,(\d+(?:\.\d+)?)ms$/i.exec(text.trim())
  const [, rate, unit, roundTrip] = match ?? []
  if (rate === undefined || unit === undefined || roundTrip === undefined || Number(rate) <= 0) {
    throw new RangeError(`a link reads like 50mbit,40ms, not ${JSON.stringify(text)}`)
  }
  const scale = { k: 1e3, m: 1e6, g: 1e9 }[unit.toLowerCase()] ?? 1
  return { bitsPerSecond: Number(rate) * scale, roundTripMs: Number(roundTrip) }
}

export function formatLinkShape({ bitsPerSecond, roundTripMs }: LinkShape): string {
  return `${bitsPerSecond / 1e6} Mbit/s each way, ${roundTripMs} ms round trip`
}

/** One direction of a link: says when bytes handed over now come out at the other end. */
export interface Direction {
  /** Milliseconds on the same clock as `nowMs`; never before an earlier call's answer. */
  arrival(bytes: number, nowMs: number): number
  /** Bytes handed over that are not on their way yet: the queue before the link. */
  queued(nowMs: number): number
}

/** A token bucket without a burst: bytes leave one after the other at the link's rate, then travel half a round trip. */
export function createDirection({ bitsPerSecond, roundTripMs }: LinkShape): Direction {
  const bytesPerMs = bitsPerSecond / 8 / 1000
  let freeAt = 0
  return {
    arrival(bytes, nowMs) {
      freeAt = Math.max(freeAt, nowMs) + bytes / bytesPerMs
      return freeAt + roundTripMs / 2
    },
    queued: (nowMs) => Math.max(0, freeAt - nowMs) * bytesPerMs,
  }
}
