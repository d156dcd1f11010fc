export { mayShrink, openChunk, packChunk, packChunkSync } from './chunks.ts'
export { openDelta, packCopies, packDelta } from './deltas.ts'
export { planWithBytes, type ReadableContent } from './plan-with-bytes.ts'
export {
  createHashWorkers,
  type HashStream,
  type HashWorkers,
  type HashWorkersOptions,
} from './workers/hash-workers.ts'
export { createSlabs, type Slab, type Slabs, type SlabsOptions } from './workers/slabs.ts'
export type { Stretch, StretchHash } from './workers/worker-messages.ts'
export { free, piecesOf, usedUp } from './pieces.ts'
