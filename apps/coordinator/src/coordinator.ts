import { createContext, type Context, type ContextOptions } from './ports/context.ts'
import { createFolderAssignments, type FolderAssignments } from './nodes/assignments.ts'
import { createArchives, type Archives } from './tree/archive.ts'
import { createArrange, type Arrange } from './tree/tree-edits.ts'
import { createChunkMaps, type ChunkMaps } from './tree/chunk-map.ts'
import { createBrowse, type Browse } from './tree/browse.ts'
import { createChanges, type Changes } from './log/changes.ts'
import { createChunks, type Chunks } from './contents/chunks.ts'
import { createCommits, type Commits } from './log/commit.ts'
import { createDigests, type Digests } from './log/digest.ts'
import { createEvents, type Events } from './log/events.ts'
import { createEverythingIn, type EverythingIn } from './tree/everything.ts'
import { createFolders, type Folders } from './tree/folders.ts'
import { createHalts, type Halts } from './nodes/halts.ts'
import { createHistory, type History } from './tree/history.ts'
import { createPatches, type Patches } from './contents/patches/patches.ts'
import { createRemovedFolders, type RemovedFolders } from './nodes/removed-folders.ts'
import { createRestores, type Restores } from './tree/restore.ts'
import { createConflicts, type Conflicts } from './tree/conflicts.ts'
import { createCommitUndos, type CommitUndos } from './tree/undo-commit.ts'
import { createUploads, type Uploads } from './tree/upload.ts'
import { createFleet, type Fleet } from './nodes/presence.ts'
import type { Meter } from './measure/meter.ts'
import { createSavingsReports, type SavingsReports } from './measure/savings/savings.ts'
import { createNodes, type Nodes } from './nodes/nodes.ts'

/** The coordinator without any transport: all it can do, as calls. */
export interface Coordinator {
  readonly context: Context
  readonly meter: Meter
  readonly fleet: Fleet
  readonly nodes: Nodes
  readonly folders: Folders
  readonly halts: Halts
  readonly assignments: FolderAssignments
  readonly removedFolders: RemovedFolders
  readonly commits: Commits
  readonly changes: Changes
  readonly chunks: Chunks
  readonly digests: Digests
  readonly archives: Archives
  readonly arrange: Arrange
  readonly everything: EverythingIn
  readonly patches: Patches
  readonly browse: Browse
  readonly history: History
  readonly chunkMaps: ChunkMaps
  readonly restores: Restores
  readonly undos: CommitUndos
  readonly conflicts: Conflicts
  readonly uploads: Uploads
  readonly events: Events
  readonly savings: SavingsReports
}

/** Puts the services together over the given stores, which stay the caller's to close. */
export function createCoordinator(options: ContextOptions): Coordinator {
  const context = createContext(options)
  const fleet = createFleet(context)
  const chunks = createChunks(context)
  const patches = createPatches(context, chunks)
  const commits = createCommits(context, patches)
  return {
    context,
    meter: context.meter,
    fleet,
    nodes: createNodes(context, fleet),
    folders: createFolders(context),
    halts: createHalts(context, fleet),
    assignments: createFolderAssignments(context),
    removedFolders: createRemovedFolders(context),
    commits,
    changes: createChanges(context),
    archives: createArchives(context),
    arrange: createArrange(context, commits),
    everything: createEverythingIn(context, commits),
    chunks,
    digests: createDigests(context),
    patches,
    browse: createBrowse(context),
    history: createHistory(context),
    chunkMaps: createChunkMaps(context),
    restores: createRestores(context, commits),
    undos: createCommitUndos(context, commits),
    conflicts: createConflicts(context, commits),
    uploads: createUploads(context, commits),
    events: createEvents(context),
    savings: createSavingsReports(context.metadata, context.ledger),
  }
}
