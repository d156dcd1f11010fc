import type { FolderId, NodeId } from '@causeway/protocol'
import type { Happening } from './job.ts'

/** To the worker. `start` of a run that is held lets it go on. */
export type ToWorker =
  | {
      readonly kind: 'start'
      readonly id: number
      readonly file: File
      readonly folder: FolderId
      readonly path: string
      readonly owner: NodeId | null
    }
  | { readonly kind: 'hold' | 'stop'; readonly id: number }

/** From the worker. */
export interface FromWorker {
  readonly id: number
  readonly happening: Happening
}
