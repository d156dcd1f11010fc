export type * from './metadata-store.ts'
export { THROUGHPUT_BUCKETS } from './metadata-store.ts'
export type * from './pack-store.ts'
export { openSqliteMetadataStore, type SqliteMetadataOptions } from './sqlite/open-sqlite-metadata-store.ts'
export type { CommitReport } from './sqlite/group-commit.ts'
export { packRegistry, type PackRegistry } from './packs/pack-registry.ts'
export { lookAtPackDirectory, openPackDirectory, type PackDirectoryOptions } from './packs/open-pack-directory.ts'
export { lookAtPackObjects, openObjectPackStore } from './packs/object-pack-store.ts'
export { openPackCache } from './packs/cache/pack-cache.ts'
export { openS3PackObjects } from './packs/s3/s3-pack-objects.ts'
export { describeS3Place, parseS3Place, type S3Place } from './packs/s3/s3-place.ts'
export { openMemoryPackStore } from './packs/open-memory-pack-store.ts'
export { createLeases, fenced, type Leases } from './leases/leases.ts'
export { holdLock, type Lock } from './hold-lock.ts'
export { collectGarbage, type CollectionReport } from './collection/collect-garbage.ts'
export { chunksIn, lostPacks } from './collection/lost-packs.ts'
export { packOwnerLease, sealAbandoned } from './collection/seal-abandoned.ts'
export { readBack, type ReadBackReport } from './collection/read-back.ts'
export type { CollectionOptions } from './collection/collection-options.ts'
export { scrub, type DamagedChunk, type ScrubOptions, type ScrubReport } from './collection/scrub.ts'
export { openPostgresMetadataStore, type PostgresMetadataOptions } from './postgres/open-postgres-metadata-store.ts'
export {
  openPostgresChannel,
  type ChannelListener,
  type PostgresChannel,
  type PostgresChannelOptions,
} from './postgres/open-postgres-channel.ts'
export { databaseAddress, type DatabaseAddress } from './postgres/database-url.ts'
