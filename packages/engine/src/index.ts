export { dotOfEntry } from './entry-dot.ts'
export { compare, counterOf, EMPTY_VECTOR, hasSeen, includes, merge, vectorsEqual, withDot } from './version-vector.ts'
export { isSame, type BaseEntry, type BaseView, type PendingView, type Stat } from './tree.ts'
export { liveBytesOf } from './commit/working-tree.ts'
export { decideCommit, contentOf } from './commit/decide-commit.ts'
export { identityOf, sameBytes, sameBytesAndMode } from './commit/deciding.ts'
export { DAY_MS } from './commit/over-daily-limit.ts'
export type { ChangedRegister, CommitDecision, CommitWrites, NewEvent, NewVersion } from './commit/decision.ts'
export {
  NO_NEEDS,
  NO_ROWS,
  placeKey,
  type FolderSnapshot,
  type Needs,
  type SentLately,
  type SnapshotRows,
} from './commit/folder-snapshot.ts'
export { isWhereCreated } from './commit/knows-place.ts'
export { counterAfterSetBack, type SetBack } from './commit/set-back.ts'
export { advance, type Advance, type SentOperation } from './plan/advance.ts'
export { diff, mayDiffer } from './plan/diff.ts'
export type { LocalChange, LocalCreate, LocalDelete, LocalEdit, LocalMove, LocalTree } from './plan/local-change.ts'
export { baseBelow, orderChanges } from './plan/order-changes.ts'
export { baseDirectoryAt, basePath, directoryOf, joinPath, nameOf } from './plan/paths.ts'
export { isBehindBase, isInBase, isSameVersion, sameContent, stateOfBase, withAccepted } from './plan/remote.ts'
export {
  compactStates,
  createCompactor,
  expandEchoes,
  expandRemovals,
  fitsBatch,
  namedBy,
  type Audience,
  type CompactStates,
} from './plan/compact-states.ts'
export { planUndo, type CommittedChange, type LeftBecause, type UndoPlan, type UndoStep } from './plan/undo-commit.ts'
export { toldState } from './told-state.ts'
export { createChunker, chunkLengths, type Chunker, type ChunkerOptions } from './chunker/chunker.ts'
export { CDC_64K, type ChunkerProfile } from './chunker/profile.ts'
export {
  checkName,
  checkPath,
  collisionKey,
  portabilityProblem,
  RESERVED_NAME,
  type NameProblem,
  type PathProblem,
  type PortabilityProblem,
} from './names.ts'
export { conflictName, type ConflictNaming } from './conflict-name.ts'
export {
  createIgnoreRules,
  DEFAULT_IGNORES,
  IGNORE_FILE,
  type IgnoreProblem,
  type IgnoreRules,
} from './ignore-rules.ts'
export { obstacleToPuttingBack } from './halt-rights.ts'
export { bigRemovalNotice, massDeleteBrake, rootEmptied, type Brake } from './brakes.ts'
export {
  OPEN_GATE,
  passRemoval,
  pauseWhileRemoving,
  refuseRemoval,
  type Removal,
  type RemovalGate,
  type RemovalMoment,
  type RemovalVerdict,
} from './removal-gate.ts'
export { versionsToDrop, type KeptVersion, type RetentionPolicy } from './retention.ts'
export { createRateMeter, type RateMeter } from './rate.ts'
export {
  isStalled,
  paceAfter,
  paceFrom,
  secondsLeft,
  workLeft,
  type Pace,
  type Work,
  type WorkKnown,
} from './time-left.ts'
export { utf8Length } from './utf8.ts'
export { compareListed, naturalKey, type Listed, type ListingOrder } from './natural-order.ts'
export { applySplice, spliceParts } from './delta/splice.ts'
export { newStretches, sharingRegion, type NewStretch, type Region, type StretchLimits } from './delta/new-stretches.ts'
export { signatureBlockBytes, signBlocks, SIGNATURE_BYTES } from './delta/signature.ts'
export { copiesAgainst } from './delta/copies-against.ts'
export { applyCopies, narrowCopies, type NarrowedCopies } from './delta/copy-instructions.ts'
export { createAnchorSampler, type Anchors, type AnchorSampler } from './delta/anchors.ts'
export { planDeltas } from './delta/plan-deltas.ts'
export { entryDigest, type DigestedEntry, type Sha256 } from './digest/entry-digest.ts'
export { bucketOf, DigestSums } from './digest/digest-sums.ts'
export { mendBelief, type Mend } from './digest/mend-belief.ts'
