/** Every bound that the wire enforces before it allocates. Sizes are bytes. */
export const LIMITS = {
  /** A file up to this size travels inside its commit and inside the change that announces it. */
  inlineBytes: 64 * 1024,
  chunkBytes: 1024 * 1024,
  /** One message or request body, before decompression. */
  messageBytes: 32 * 1024 * 1024,
  /** The same after decompression. */
  inflatedBytes: 64 * 1024 * 1024,
  /**
   * A body may inflate to this many times its size, or to `inflatesFreelyBytes`
   * where that is more. Whoever sends what packs better sends it plain.
   */
  inflateRatio: 100,
  inflatesFreelyBytes: 1024 * 1024,
  /** A request body of somebody who has not signed in. */
  strangerBytes: 16 * 1024,
  /** One message from a node, or a page, over its socket. */
  socketMessageBytes: 1024 * 1024,
  operationsPerCommit: 4096,
  changesPerBatch: 4096,
  /** Entries that one batch names without their states. */
  namedPerBatch: 1_000_000,
  /** Numbers that runs of such entries are made of. */
  runNumbers: 600_000,
  nodesPerRemovals: 4096,
  chunksPerRequest: 4096,
  /** Contents that one `wanted` names. */
  wantedContents: 1000,
  /** What a node reports of a folder: so many problems, so many paths that would go, so long a text. */
  problemsPerReport: 100,
  samplesPerHalt: 20,
  codeCharacters: 64,
  messageCharacters: 2000,
  savesPerMessage: 256,
  chunksPerManifest: 4 * 1024 * 1024,
  /** Plain bytes that one delta makes. */
  deltaBytes: 8 * 1024 * 1024,
  /** The stretch of another content that one delta is made against. */
  deltaBaseBytes: 32 * 1024 * 1024,
  deltasPerMessage: 4096,
  spliceParts: 1024 * 1024,
  /** A patch up to this size travels inside its commit and inside the change that announces it. */
  inlinePatchBytes: 256 * 1024,
  nameBytes: 255,
  pathBytes: 4096,
  depth: 256,
  symlinkTargetBytes: 4096,
} as const

/** What a compressed body of a request may inflate to. */
export function mostInflated(packedBytes: number): number {
  return Math.min(LIMITS.inflatedBytes, Math.max(LIMITS.inflatesFreelyBytes, packedBytes * LIMITS.inflateRatio))
}
