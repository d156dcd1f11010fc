import { NodeIdSchema, NO_SAVINGS, type ChunkId, type Manifest, type NodeId, type Savings } from '@causeway/protocol'
import type { Crossing } from '@causeway/contents'

/** Adds bytes that crossed in some form. */
export function withCrossing(savings: Savings, { form, plainBytes, wireBytes }: Crossing): Savings {
  const wire = savings.wireBytes + wireBytes
  switch (form) {
    case 'plain':
      return { ...savings, wireBytes: wire, plainBytes: savings.plainBytes + plainBytes }
    case 'packed':
      return {
        ...savings,
        wireBytes: wire,
        packedBytes: savings.packedBytes + plainBytes,
        packedWireBytes: savings.packedWireBytes + wireBytes,
      }
    case 'delta':
      return {
        ...savings,
        wireBytes: wire,
        deltaBytes: savings.deltaBytes + plainBytes,
        deltaWireBytes: savings.deltaWireBytes + wireBytes,
      }
  }
}

/** A file that is accounted for when all that came for it is known: what did not come was reused. */
export function settled(savings: Savings, sizeBytes: number): Savings {
  const crossed = savings.peerBytes + savings.deltaBytes + savings.packedBytes + savings.plainBytes
  return {
    ...savings,
    files: 1,
    logicalBytes: sizeBytes,
    reusedBytes: Math.max(0, sizeBytes - crossed),
    wholeFileBytes: sizeBytes,
  }
}

/** Small files in one message: they all crossed whole, packed together. */
export function smallFiles(files: readonly { readonly sizeBytes: number }[], wireBytes: number): Savings {
  const logicalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  return {
    ...NO_SAVINGS,
    files: files.length,
    logicalBytes,
    wireBytes,
    packedBytes: logicalBytes,
    packedWireBytes: wireBytes,
    wholeFileBytes: logicalBytes,
  }
}

/** Chunks that crossed to or from nodes and were not claimed by a content yet. Bounded: what waits longest is forgotten, and then counts as reused. */
export class Arrivals {
  readonly #waiting = new Map<string, Crossing>()
  readonly #counts = new Map<NodeId, number>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  put(node: NodeId, chunk: ChunkId, crossing: Crossing): void {
    const key = `${node} ${chunk}`
    if (!this.#waiting.has(key)) this.#count(node, 1)
    this.#waiting.set(key, crossing)
    if (this.#waiting.size <= this.#limit) return
    const [oldest] = this.#waiting.keys()
    if (oldest === undefined) return
    this.#waiting.delete(oldest)
    this.#count(NodeIdSchema.parse(oldest.slice(0, oldest.indexOf(' '))), -1)
  }

  /** True if anything of this node waits. */
  has(node: NodeId): boolean {
    return this.#counts.has(node)
  }

  /** What crossed for a content's chunks; each arrival counts for the first content that claims it. */
  claim(node: NodeId, manifest: Manifest): Savings {
    let savings = NO_SAVINGS
    for (const { hash } of manifest) {
      const key = `${node} ${hash}`
      const crossing = this.#waiting.get(key)
      if (crossing === undefined) continue
      this.#waiting.delete(key)
      this.#count(node, -1)
      savings = withCrossing(savings, crossing)
    }
    return savings
  }

  #count(node: NodeId, change: number): void {
    const count = (this.#counts.get(node) ?? 0) + change
    if (count > 0) this.#counts.set(node, count)
    else this.#counts.delete(node)
  }
}
