/** A stretch of a buffer. */
export interface Stretch {
  readonly from: number
  readonly to: number
  /** How many bytes it must inflate to, if it is one zstd frame; null if it is plain. */
  readonly inflated: number | null
  /** Whether the checksum is wanted: it costs about half as much as the hash. */
  readonly checked: boolean
}

export interface StretchHash {
  /** SHA-256 of the plain bytes; '' where they do not inflate, or not to as many as announced. */
  readonly hash: string
  /** CRC-32 of the bytes as they lie there; 0 where it was not asked for. */
  readonly checksum: number
}

export type WorkerTask =
  | { readonly kind: 'stretches'; readonly bytes: SharedArrayBuffer; readonly stretches: readonly Stretch[] }
  | { readonly kind: 'lent'; readonly buffers: readonly ArrayBuffer[] }
  | {
      readonly kind: 'update'
      readonly stream: number
      readonly bytes: SharedArrayBuffer
      readonly from: number
      readonly to: number
    }
  | { readonly kind: 'digest'; readonly stream: number }
  | { readonly kind: 'end'; readonly stream: number }

export type WorkerResult = readonly StretchHash[] | string | null

export type WorkerAnswer =
  /** What was lent comes back with the answer. */
  | { readonly id: number; readonly result: WorkerResult; readonly buffers?: readonly ArrayBuffer[] }
  | { readonly id: number; readonly problem: string }
