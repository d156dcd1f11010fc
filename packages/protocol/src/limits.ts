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
   * A message may inflate to this many times its size, or to `inflatesFreelyBytes`
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
  /** Entries of which one page of digests tells, and that one request names to have them in full. */
  digestsPerPage: 4096,
  entriesPerRequest: 1000,
  /** What an entry comes down to; a digest is always this long. */
  digestBytes: 16,
  /** Contents that one `wanted` names. */
  wantedContents: 1000,
  savesPerMessage: 256,
  /** What a node tells of one folder: it shortens what is longer. */
  problemsPerReport: 100,
  problemChars: 1024,
  haltSample: 20,
  /** Lists and maps in one another, in one message. */
  nesting: 64,
  /** Of anything in one list: the codec reads no longer one. */
  itemsPerList: 1_000_000,
  /** Prose and paths, as the coordinator tells people. */
  textChars: 64 * 1024,
  wordChars: 256,
  /** Of a list that comes in pages. */
  itemsPerPage: 1000,
  foldersPerNode: 10_000,
  /** Of one join link: a QR code still has room for it. */
  foldersPerInvite: 32,
  rolesPerPerson: 1000,
  personNameChars: 64,
  passwordLeastChars: 10,
  passwordChars: 1000,
  inviteMinutes: 30 * 24 * 60,
  tokenDays: 731,
  auditDetails: 50,
  watchDirectories: 100,
  capabilities: 50,
  addressesPerPeer: 16,
  /** Nodes that a node hears of as givers of chunks, for one folder. */
  peersPerAnswer: 32,
  peerTokenChars: 512,
  bucketsPerHistogram: 256,
  /** Of a series over time. */
  throughputBuckets: 256,
  runsPerChunkMap: 5000,
  chunksPerUpload: 350_000,
  chunksPerManifest: 4 * 1024 * 1024,
  /** Plain bytes that one delta makes. */
  deltaBytes: 8 * 1024 * 1024,
  /** The stretch of another content that one delta is made against. */
  deltaBaseBytes: 32 * 1024 * 1024,
  deltasPerMessage: 4096,
  spliceParts: 1_000_000,
  /** A patch up to this size travels inside its commit and inside the change that announces it. */
  inlinePatchBytes: 256 * 1024,
  nameBytes: 255,
  pathBytes: 4096,
  /** Of a path that is asked for: a conflict name may have made one longer than it was allowed to be made. */
  shownPathChars: 4096 + 255,
  depth: 256,
  /** Deletes that an entry remembers having been reached by. */
  deletesPerEntry: 64,
  /** Saves of the same bytes at once that an entry tells apart; and changes of mode or time that it remembers. */
  savesPerEntry: 64,
  touchesPerEntry: 16,
  /** Entries that one delete names as not seen; and survivors that its answer names. */
  namedByDelete: 4096,
  symlinkTargetBytes: 4096,
  /** No counter ever gets there: far below the numbers that lose precision, and reached by no honest node. */
  counter: 2 ** 48,
  /** What a node's counter may leave out at once. */
  counterStep: 2 ** 32,
  /** Nodes that a folder's clock, and so every vector, has room for. */
  nodesPerVector: 4096,
} as const

/** What a compressed message may inflate to, whoever sends it. */
export function mostInflated(packedBytes: number): number {
  return Math.min(LIMITS.inflatedBytes, Math.max(LIMITS.inflatesFreelyBytes, packedBytes * LIMITS.inflateRatio))
}
