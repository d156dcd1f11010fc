import type { Actor, FolderId } from '@causeway/protocol'

/** The folder in which something is done, and who does it. */
export interface Acting {
  readonly folder: FolderId
  readonly by: Actor
}
