import { decideCommit, type CommitDecision, type CommitWrites, type FolderSnapshot } from '@causeway/engine'
import { SyncError, type ChunkId, type CommitRequest, type ContentHash, type Hash } from '@causeway/protocol'
import type { ChunkRow, MetadataReader } from '@causeway/store'
import { claimable, unavailableContents, wantedContents, type ClaimedContents } from './claimed-contents.ts'
import { loadHeld, withRows } from './load-snapshot.ts'

/** Every round of loading answers at least one path component; deeper trees than this do not exist. */
const MAX_ROUNDS = 1000

export interface WithRows {
  readonly decision: Decided
  /** How many entries it took. */
  readonly rows: number
  /** Contents of files that it brings back to life: they are held, and must stay so. */
  readonly revived: ReadonlySet<ContentHash>
}

interface Brought {
  readonly claimed: ClaimedContents
  readonly kept: readonly ChunkRow[]
  /** What the committer sent with it. */
  readonly sent: ReadonlySet<Hash>
}

type Decided = Extract<CommitDecision, { kind: 'decided' }>

/**
 * Decides a commit, loading the rows that it turns out to need. What it would bring back to life is looked up too: a
 * tombstone's bytes may be gone, and then nothing may live by them.
 */
export async function decideWithRows(
  tx: MetadataReader,
  first: FolderSnapshot,
  request: CommitRequest,
  { claimed, kept, sent }: Brought,
): Promise<WithRows> {
  for (let snapshot = first; ;) {
    const decided = await decide(tx, snapshot, request)
    const { decision, snapshot: full } = decided
    const revived = revivedContents(decision.writes, claimed)
    const unheld = await unheldAmong(tx, revived, { folder: first, kept, sent })
    if (unheld.size === 0) {
      return { decision, rows: full.rows.entries.size, revived: new Set(revived.keys()) }
    }
    if ([...unheld.keys()].every((content) => snapshot.unavailable.has(content))) {
      throw new SyncError('chunk-missing', `a commit to ${first.folder.id} would give life to what is not held here`)
    }
    snapshot = { ...full, unavailable: new Map([...full.unavailable, ...unheld]) }
  }
}

async function decide(
  tx: MetadataReader,
  first: FolderSnapshot,
  request: CommitRequest,
): Promise<{ readonly decision: Decided; readonly snapshot: FolderSnapshot }> {
  let snapshot = first
  let decision = decideCommit(snapshot, request)
  for (let round = 0; decision.kind === 'needs'; round++) {
    if (round > MAX_ROUNDS) {
      throw new SyncError('internal', `a commit to ${first.folder.id} never had enough rows to be decided`)
    }
    snapshot = await withRows(tx, snapshot, decision.needs)
    decision = decideCommit(snapshot, request)
  }
  return { decision, snapshot }
}

/** The contents, with their sizes, of files that live again and that no operation brings along. */
function revivedContents({ versions }: CommitWrites, claimed: ClaimedContents): ReadonlyMap<ContentHash, number> {
  const revived = new Map<ContentHash, number>()
  for (const { state, registers } of versions) {
    const { content, deleted } = state
    if (deleted || !registers.includes('existence')) continue
    if (content.kind === 'file' && content.size > 0 && !claimed.sizes.has(content.hash)) {
      revived.set(content.hash, content.size)
    }
  }
  return revived
}

async function unheldAmong(
  tx: MetadataReader,
  sizes: ReadonlyMap<ContentHash, number>,
  { folder, kept, sent }: { readonly folder: FolderSnapshot } & Omit<Brought, 'claimed'>,
): Promise<ReadonlyMap<ContentHash, readonly ChunkId[]>> {
  if (sizes.size === 0) return new Map()
  const claimed = { sizes, manifests: new Map(), spliced: new Map() }
  const held = await loadHeld(tx, folder, wantedContents(claimed, kept, true))
  return unavailableContents(claimed, kept, claimable(held, sent))
}
