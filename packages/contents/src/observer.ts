import type { ChunkId } from '@causeway/protocol'
import type { Hop } from '@causeway/log'

/** How some plain bytes crossed the wire. */
export type Form = 'plain' | 'packed' | 'delta'

export interface Crossing {
  readonly form: Form
  readonly plainBytes: number
  readonly wireBytes: number
}

/** Hears which chunks came, and measures. Nothing waits for it and nothing depends on it. */
export interface ContentsObserver {
  /** A chunk came from a node, before or with the commit that names it. */
  chunkReceived(hop: Hop, chunk: ChunkId, crossing: Crossing): void
}
