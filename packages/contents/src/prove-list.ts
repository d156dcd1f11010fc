import { createHash } from 'node:crypto'
import { decodeManifest, isSyncError, type ContentHash } from '@causeway/protocol'
import { isDamage, type ListProof } from '@causeway/log'
import type { MetadataStore } from '@causeway/store'
import type { ChunkDepot } from './chunk-depot.ts'

/**
 * Hashes what a chunk list makes, one content at a time: whoever asks meanwhile about the same list waits for the same
 * answer.
 */
export function createListProof(
  metadata: MetadataStore,
  depot: Pick<ChunkDepot, 'plain'>,
): (content: ContentHash, list: Uint8Array) => Promise<ListProof> {
  const asked = new Map<string, Promise<ListProof>>()
  let before: Promise<unknown> = Promise.resolve()

  async function hashed(content: ContentHash, list: Uint8Array): Promise<ListProof> {
    const sum = createHash('sha256')
    try {
      for (const { hash } of decodeManifest(list)) {
        const [row] = await metadata.read((tx) => tx.chunks([hash]))
        if (row === undefined) return 'unreadable'
        sum.update(await depot.plain(row))
      }
    } catch (error) {
      if (isDamage(error)) return 'unreadable'
      if (isSyncError(error)) throw error
      return 'wrong'
    }
    return sum.digest('hex') === content ? 'right' : 'wrong'
  }

  return (content, list) => {
    const name = `${content} ${createHash('sha256').update(list).digest('hex')}`
    const known = asked.get(name)
    if (known !== undefined) return known
    const answer = before.then(() => hashed(content, list)).finally(() => asked.delete(name))
    before = answer.catch(() => undefined)
    asked.set(name, answer)
    return answer
  }
}
