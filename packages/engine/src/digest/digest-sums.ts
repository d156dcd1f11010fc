import { DIGEST_BUCKETS, DIGEST_BYTES, type EntryId } from '@causeway/protocol'

const LANES = DIGEST_BYTES / 4

/**
 * The digests of any number of entries, added up by the directory they lie in.
 *
 * A sum has four lanes of 32 bits, each modulo 2^32: the order does not matter,
 * and what was added can be taken away again, so a change costs the same
 * however many entries there are. Two sets of entries that differ have the same
 * sum by an accident of one in 2^128. Somebody who chooses entries to that end
 * may find such sets sooner, but could only deceive about what lies on a disk
 * of their own.
 */
export class DigestSums {
  readonly #lanes: Uint32Array

  constructor(lanes: Uint32Array = new Uint32Array(DIGEST_BUCKETS * LANES)) {
    this.#lanes = lanes
  }

  /** The reverse of `toBytes`. */
  static fromBytes(bytes: Uint8Array): DigestSums {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new DigestSums(Uint32Array.from({ length: DIGEST_BUCKETS * LANES }, (_, at) => view.getUint32(at * 4)))
  }

  add(parent: EntryId, digest: Uint8Array): void {
    this.#change(parent, digest, 1)
  }

  remove(parent: EntryId, digest: Uint8Array): void {
    this.#change(parent, digest, -1)
  }

  /** The sum over everything. */
  whole(): Uint8Array {
    const whole = new Uint32Array(LANES)
    this.#lanes.forEach((lane, at) => (whole[at % LANES] = (whole[at % LANES] ?? 0) + lane))
    return bytesOf(whole)
  }

  /** All sums, one bucket after the other. */
  toBytes(): Uint8Array {
    return bytesOf(this.#lanes)
  }

  /** The buckets whose sums are not the same here and there. */
  differing(other: DigestSums): readonly number[] {
    const buckets = new Set<number>()
    this.#lanes.forEach((lane, at) => {
      if (lane !== other.#lanes[at]) buckets.add(Math.floor(at / LANES))
    })
    return [...buckets]
  }

  copy(): DigestSums {
    return new DigestSums(this.#lanes.slice())
  }

  #change(parent: EntryId, digest: Uint8Array, sign: 1 | -1): void {
    const view = new DataView(digest.buffer, digest.byteOffset, DIGEST_BYTES)
    const first = bucketOf(parent) * LANES
    for (let lane = 0; lane < LANES; lane++) {
      this.#lanes[first + lane] = (this.#lanes[first + lane] ?? 0) + sign * view.getUint32(lane * 4)
    }
  }
}

/** Which sum the entries in a directory go into (FNV-1a): those of one directory all into the same. */
export function bucketOf(parent: EntryId): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < parent.length; at++) hash = Math.imul(hash ^ parent.charCodeAt(at), 0x01000193)
  return ((hash >>> 24) ^ (hash >>> 16) ^ (hash >>> 8) ^ hash) & (DIGEST_BUCKETS - 1)
}

function bytesOf(lanes: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(lanes.length * 4)
  const view = new DataView(bytes.buffer)
  lanes.forEach((lane, at) => view.setUint32(at * 4, lane))
  return bytes
}
