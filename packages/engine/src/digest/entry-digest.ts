import { DIGEST_BYTES, type Content, type EntryState, type VersionVector } from '@causeway/protocol'

/** What node and coordinator both know of a live entry, and must agree on. */
export type DigestedEntry = Pick<
  EntryState,
  'id' | 'parent' | 'name' | 'content' | 'placeVector' | 'contentVector' | 'existenceVector'
>

/** SHA-256 of the text in UTF-8: this package has no means of its own. */
export type Sha256 = (text: string) => Uint8Array

/**
 * All of a live entry that `isInBase` compares, in so few bytes that only the
 * same gives the same: two entries that differ in anything differ in this.
 */
export function entryDigest(sha256: Sha256, entry: DigestedEntry): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES)
  digest.set(sha256(entryText(entry)).subarray(0, DIGEST_BYTES))
  return digest
}

/** The same entry always gives the same text, whatever the order in which its vectors name the nodes. */
function entryText({ id, parent, name, content, placeVector, contentVector, existenceVector }: DigestedEntry): string {
  const vectors = [placeVector, contentVector, existenceVector].map(vectorText)
  return JSON.stringify([id, parent, name, ...contentParts(content), ...vectors])
}

function contentParts(content: Content): readonly (string | number)[] {
  switch (content.kind) {
    case 'file':
      return ['file', content.hash, content.size, content.mode, content.mtimeNs]
    case 'directory':
      return ['directory', content.mode]
    case 'symlink':
      return ['symlink', content.target]
  }
}

/** A node that counts zero says no more than one that is not there. */
function vectorText(vector: VersionVector): string {
  const nodes = Object.keys(vector).filter((node) => (vector[node] ?? 0) > 0)
  if (nodes.length > 1) nodes.sort()
  return nodes.map((node) => `${node}=${vector[node]}`).join(' ')
}
