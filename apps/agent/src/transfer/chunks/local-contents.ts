import { hash as hashOf } from 'node:crypto'
import { contentOfOnlyChunk, LIMITS, type ChunkId } from '@causeway/protocol'
import { COSTS, type ChunkSource } from '../../ports.ts'
import type { NodeContents } from '../down/node-contents.ts'

/**
 * Small files of this node, whatever folder they are in, and those that were
 * removed a moment ago: each is a chunk of its own, under the hash of its content.
 */
export function localContents(contents: Pick<NodeContents, 'knows' | 'open'>): ChunkSource {
  return {
    cost: COSTS.disk,
    has: async (hashes) => new Set(hashes.filter((hash) => contents.knows(contentOfOnlyChunk(hash)))),
    async *fetch(hashes) {
      for (const hash of hashes) {
        const bytes = await readHeld(contents, hash)
        if (bytes !== undefined) yield { hash, bytes }
      }
    },
  }
}

async function readHeld(contents: Pick<NodeContents, 'open'>, hash: ChunkId): Promise<Uint8Array | undefined> {
  const file = await contents.open(contentOfOnlyChunk(hash))
  if (file === undefined) return undefined
  try {
    if (file.stat.size > LIMITS.chunkBytes) return undefined
    const bytes = await file.read(0, file.stat.size)
    return hashOf('sha256', bytes) === hash ? bytes : undefined
  } catch {
    // A file that can't be read holds nothing.
    return undefined
  } finally {
    await file.close()
  }
}
