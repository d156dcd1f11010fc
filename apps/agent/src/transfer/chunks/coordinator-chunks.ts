import type { FolderId } from '@causeway/protocol'
import { COSTS, type ChunkSource, type CoordinatorLink } from '../../ports.ts'

/** The coordinator holds every chunk of a folder; it says so itself where it has lost one. */
export function coordinatorChunks(link: Pick<CoordinatorLink, 'fetch'>, folder: FolderId): ChunkSource {
  return {
    cost: COSTS.coordinator,
    has: async (hashes) => new Set(hashes),
    fetch: (hashes) => link.fetch(folder, hashes),
  }
}
