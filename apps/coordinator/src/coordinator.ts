import type { PackStore } from '@causeway/store'
import {
  type Changes,
  type Commits,
  createChanges,
  createCommits,
  createDigests,
  createEvents,
  type Digests,
  type Events,
} from '@causeway/log'
import { type Contents, createContents } from '@causeway/contents'
import { NO_RESERVE, type Reserve } from './upkeep/reserve.ts'
import { createContext, type Context, type ContextOptions } from './ports/context.ts'
import { createFolderAssignments, type FolderAssignments } from './nodes/assignments.ts'
import { createArchives, type Archives } from './tree/archive.ts'
import { createArrange, type Arrange } from './tree/tree-edits.ts'
import { createChunkMaps, type ChunkMaps } from './tree/chunk-map.ts'
import { createBrowse, type Browse } from './tree/browse.ts'
import { createEverythingIn, type EverythingIn } from './tree/everything.ts'
import { createFolders, type Folders } from './tree/folders.ts'
import { createHalts, type Halts } from './nodes/halts.ts'
import { createHistory, type History } from './tree/history.ts'
import { createRemovedFolders, type RemovedFolders } from './nodes/removed-folders.ts'
import { createRestores, type Restores } from './tree/restore.ts'
import { createConflicts, type Conflicts } from './tree/conflicts.ts'
import { createCommitUndos, type CommitUndos } from './tree/undo-commit.ts'
import { createUploads, type Uploads } from './tree/upload.ts'
import { createPresence, type NodePresence } from './nodes/presence.ts'
import { createMeasure, type Measure } from './measure/measure.ts'
import { createObservations } from './ports/observations.ts'
import { createHousekeeping, type Housekeeping } from './upkeep/housekeeping.ts'
import { createPackWatch, type PackWatch } from './upkeep/pack-watch.ts'
import { createNodes, type Nodes } from './nodes/nodes.ts'
import { createPeers, type Peers } from './nodes/peers.ts'
import { createPinnedKeys, type PinnedKeys } from './nodes/pinned-keys.ts'
import { createLostDevices, type LostDevices } from './nodes/lost-device.ts'
import { createApiTokens, type ApiTokens } from './people/api-tokens.ts'
import { createAudit, type Audit } from './people/audit.ts'
import { createPersonInvitations, type PersonInvitations } from './people/invitations.ts'
import { createLoginBrake } from './people/login-brake.ts'
import { createPasswords, type Passwords } from './people/passwords.ts'
import { createPeople, type People } from './people/people.ts'
import { createPersonSignIn, type PersonSignIn } from './people/sign-in.ts'
import { createSignInLinks, type SignInLinks } from './people/sign-in-links.ts'

/** The coordinator without any transport: all it can do, as calls. */
export interface Coordinator {
  readonly context: Context
  readonly contents: Contents
  readonly measure: Measure
  readonly packWatch: PackWatch
  readonly reserve: Reserve
  readonly housekeeping: Housekeeping
  readonly presence: NodePresence
  readonly nodes: Nodes
  readonly pinnedKeys: PinnedKeys
  readonly lostDevices: LostDevices
  readonly people: People
  readonly personSignIn: PersonSignIn
  readonly signInLinks: SignInLinks
  readonly invitations: PersonInvitations
  readonly apiTokens: ApiTokens
  readonly audit: Audit
  readonly peers: Peers
  readonly folders: Folders
  readonly halts: Halts
  readonly assignments: FolderAssignments
  readonly removedFolders: RemovedFolders
  readonly commits: Commits
  readonly changes: Changes
  readonly digests: Digests
  readonly archives: Archives
  readonly arrange: Arrange
  readonly everything: EverythingIn
  readonly browse: Browse
  readonly history: History
  readonly chunkMaps: ChunkMaps
  readonly restores: Restores
  readonly undos: CommitUndos
  readonly conflicts: Conflicts
  readonly uploads: Uploads
  readonly events: Events
}

export interface CoordinatorOptions extends Omit<ContextOptions, 'observations'> {
  readonly packs: PackStore
  /** Of two that share a database, one that is gone is succeeded in its upkeep after this. */
  readonly leaseTtlMs?: number
  readonly passwords?: Passwords
  /** Without one, disks are filled to the last byte. */
  readonly reserve?: Reserve
}

/** Puts the services together over the given stores, which stay the caller's to close. */
export function createCoordinator(options: CoordinatorOptions): Coordinator {
  const { packs, leaseTtlMs, reserve = NO_RESERVE } = options
  const observations = createObservations()
  const context = createContext({ ...options, observations })
  const measure = createMeasure({ ...context, observations })
  const contents = createContents({ ...context, packs, room: reserve })
  const { repair } = contents
  const packWatch = createPackWatch({ ...context, packs, repair })
  const presence = createPresence(context)
  const commits = createCommits(context, contents)
  const nodes = createNodes(context, presence)
  const passwords = options.passwords ?? createPasswords({ random: context.random })
  const audit = createAudit(context)
  return {
    context,
    contents,
    measure,
    packWatch,
    reserve,
    housekeeping: createHousekeeping(context, { packs, repair, packWatch, leaseTtlMs }),
    presence,
    nodes,
    pinnedKeys: createPinnedKeys(context),
    lostDevices: createLostDevices(context, nodes),
    people: createPeople(context),
    personSignIn: createPersonSignIn(context, { passwords, brake: createLoginBrake(context), audit }),
    signInLinks: createSignInLinks(context),
    invitations: createPersonInvitations(context, passwords),
    apiTokens: createApiTokens(context),
    audit,
    peers: createPeers(context, presence),
    folders: createFolders(context),
    halts: createHalts(context, presence),
    assignments: createFolderAssignments(context),
    removedFolders: createRemovedFolders(context),
    commits,
    changes: createChanges(context, contents),
    archives: createArchives(context, contents),
    arrange: createArrange(context, commits),
    everything: createEverythingIn(context, commits),
    digests: createDigests(context),
    browse: createBrowse(context),
    history: createHistory(context),
    chunkMaps: createChunkMaps(context),
    restores: createRestores(context, commits),
    undos: createCommitUndos(context, commits),
    conflicts: createConflicts(context, commits),
    uploads: createUploads(context, commits),
    events: createEvents(context),
  }
}
