export { type Changes, createChanges } from './changes.ts'
export {
  type ClaimedContents,
  encodedList,
  NO_PATCHES,
  type SplicedContent,
  type TakenPatches,
} from './claimed-contents.ts'
export {
  type Brought,
  type Commits,
  createCommits,
  folderOf,
  OWN_COUNTER_STEP,
  type OwnBuild,
  type OwnCommit,
} from './commit.ts'
export { isDamage, isDamageCode } from './damage.ts'
export { createDigests, type Digests } from './digest.ts'
export { createEvents, type Events } from './events.ts'
export { folderIdOf, folderMeant, folderRemoved, isInUse } from './folder-meant.ts'
export { createByteLimitedMap } from './byte-limited-map.ts'
export { dayBefore } from './load-snapshot.ts'
export { createLogTags } from './log-tags.ts'
export { announceEvents, noteEvent } from './note-event.ts'
export { entryMeant, liveEntryAt, pathIn, pathsOf, segmentsOf } from './paths.ts'
export { type CommitContents, type Hop, type ListProof, isoNow, type LogObserver, type LogPorts } from './ports.ts'
export { awaits, BEHIND, catchUp, hinted, sent, type Following } from './follow.ts'
export { createRecentCommits, type CommittedChange, type RecentCommits } from './recent-commits.ts'
export { createSignals, type SignalKeys, type Signals } from './signals.ts'
export type { Log } from './operational-log.ts'
export { createTopics, type Topics } from './topics.ts'
export { LEASE_TTL_MS, underLease } from './under-lease.ts'
export { createSharedSignals, type SignalChannel } from './shared-signals.ts'
