import { createContext, type Context, type ContextOptions } from './context.ts'
import { createArchives, type Archives } from './folders/archive.ts'
import { createArrange, type Arrange } from './folders/arrange.ts'
import { createChunkMaps, type ChunkMaps } from './folders/chunk-map.ts'
import { createBrowse, type Browse } from './folders/browse.ts'
import { createChanges, type Changes } from './folders/changes.ts'
import { createChunks, type Chunks } from './folders/chunks.ts'
import { createCommits, type Commits } from './folders/commit.ts'
import { createDigests, type Digests } from './folders/digest.ts'
import { createEvents, type Events } from './folders/events.ts'
import { createFolders, type Folders } from './folders/folders.ts'
import { createHalts, type Halts } from './folders/halts.ts'
import { createHistory, type History } from './folders/history.ts'
import { createPatches, type Patches } from './folders/patches/patches.ts'
import { createRestores, type Restores } from './folders/restore.ts'
import { createConflicts, type Conflicts } from './folders/settle.ts'
import { createCommitUndos, type CommitUndos } from './folders/undo-commit.ts'
import { createUploads, type Uploads } from './folders/upload.ts'
import { createFleet, type Fleet } from './live/fleet.ts'
import type { Meter } from './live/meter.ts'
import { createSavingsReports, type SavingsReports } from './savings/savings.ts'
import { createNodes, type Nodes } from './live/nodes.ts'

/** The coordinator without any transport: all it can do, as calls. */
export interface Coordinator {
  readonly context: Context
  readonly meter: Meter
  readonly fleet: Fleet
  readonly nodes: Nodes
  readonly folders: Folders
  readonly halts: Halts
  readonly commits: Commits
  readonly changes: Changes
  readonly chunks: Chunks
  readonly digests: Digests
  readonly archives: Archives
  readonly arrange: Arrange
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
    commits,
    changes: createChanges(context),
    archives: createArchives(context),
    arrange: createArrange(context, commits),
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
