import { existsSync } from 'node:fs'
import {
  SyncError,
  type Access,
  type CarriedFolder,
  type EntryId,
  type FolderId,
  type KeyPin,
} from '@causeway/protocol'
import {
  createWatcher,
  openDiskFiles,
  openReplicaState,
  type OpenReplicaState,
  type WatcherOptions,
} from '@causeway/replica'
import { systemTimers } from '@causeway/time'
import { createNodeAssignments, type NodeAssignments } from '../assignments/node-assignments.ts'
import { CycleMemory } from '../cycle/cycle-memory.ts'
import { sleep } from '../link/backoff.ts'
import { createDialler } from '../link/dialler.ts'
import { createHttpLink, type HttpLink, type HttpLinkOptions } from '../link/http-link.ts'
import { createSocketOfLink } from '../link/socket-of-link.ts'
import type { LinkSocket } from '../link/socket.ts'
import { createFolderRunner } from '../runner/folder-runner.ts'
import type { Cycle, Replica } from '../runner/runner-ports.ts'
import { messageOf } from '../link/json-call.ts'
import { PROOF_PACE, type ProofPace } from '../runner/idle-proof.ts'
import { createMemoryRelease } from '../runner/memory-release.ts'
import { createNodePeers, type NodePeers } from '../peers/node-peers.ts'
import { createNodeRunner, type NodeRunner } from '../runner/node-runner.ts'
import { createProgressCounter } from '../runner/progress.ts'
import { createSaveStopwatch } from '../runner/save-stopwatch.ts'
import type { Binding, NodeRecord } from '../state/node-record.ts'
import { takePins } from '../state/take-pins.ts'
import { withBinding, type StateDirectory } from '../state/state-directory.ts'
import { liftHalt, receiveChanges, runSyncCycle } from '../sync-cycle.ts'
import {
  createBaseCache,
  DEFAULT_BASE_CACHE_BYTES,
  type BaseCache,
  type FolderBases,
} from '../transfer/bases/base-cache.ts'
import { tidyWhenIdle, type IdleTidying } from '../transfer/bases/tidy-when-idle.ts'
import { keepingRecentlyRemoved, type RecentlyRemoved } from '../transfer/down/recently-removed.ts'
import { createPrefetchRoom } from '../transfer/down/prefetcher.ts'
import { createNodeContents, type NodeContents } from '../transfer/down/node-contents.ts'
import { keepLeftovers, NO_LEFTOVERS, type Leftovers } from '../transfer/down/leftovers.ts'
import { createTransfer, type TransferOptions } from '../transfer/create-transfer.ts'
import { createTransferThreads } from '../transfer/transfer-threads.ts'
import { usableDirectory } from './enrol.ts'

/** A node with everything that it is made of. */
export interface ComposedNode {
  readonly runner: NodeRunner
  readonly assignments: NodeAssignments
  /** Stops the runner and closes what it worked with. */
  close(): Promise<void>
}

export interface ComposeOptions {
  readonly state: StateDirectory
  readonly clocks?: Clocks
  readonly proofPace?: ProofPace | undefined
  /** What leads a command to this node, after a space; empty where it finds it by itself. */
  readonly stateOption?: string
  onStatus(): void
  /** Something that the node's person should read. */
  onNotice(line: string): void
}

/** What is waited for goes by the first alone: people, and time servers, set the other one back and forth. */
export interface Clocks {
  /** Milliseconds of a clock that only goes forward. */
  now(): number
  /** Milliseconds since 1970. */
  wallNow(): number
}

const SYSTEM_CLOCKS: Clocks = { now: () => performance.now(), wallNow: Date.now }

/** A save is often several events: short enough to go unnoticed, long enough to gather them. */
const QUIET = { quietMs: 1, maxWaitMs: 20 }

const CYCLE: Cycle = { run: runSyncCycle, receive: receiveChanges, liftHalt }

/** Puts an enrolled node together. Throws `not-found` if the state directory holds none. */
export function composeNode({
  state,
  clocks = SYSTEM_CLOCKS,
  proofPace,
  stateOption = '',
  onStatus,
  onNotice,
}: ComposeOptions): ComposedNode {
  const { now, wallNow } = clocks
  const { record } = state
  if (record === undefined) {
    throw new SyncError(
      'not-found',
      `${state.locations.root} does not belong to an enrolled node: run "causeway join" first`,
    )
  }
  const { node, coordinator } = record
  const name = record.calledAs ?? record.name
  let socket: LinkSocket | undefined
  const { reader, writers, ...threads } = createTransferThreads()
  const dialler = createDialler(coordinator)
  const link = openLink(record, state, {
    dialler,
    hashing: threads.hashing,
    onSignedIn: (session) => {
      for (const carried of session.folders) takeOver(carried)
      void saveCalledAs(state, session.name)
      assignments.signedIn(session)
      peers.signedIn(session)
    },
    announce: (folder, coming) => socket?.send({ kind: 'coming', folder, coming }),
  })
  const peers = createNodePeers({
    node,
    coordinator: coordinator.id,
    link,
    timers: { ...systemTimers, now },
    listen: record.peers,
    onNotice,
  })
  const databases = new Map<FolderId, OpenReplicaState>()
  const contents = createNodeContents(now)
  const prefetchRoom = createPrefetchRoom()
  const memoryRelease = createMemoryRelease()
  const baseCache = createBaseCache(record.baseCacheBytes ?? DEFAULT_BASE_CACHE_BYTES, wallNow)

  function openFolder(binding: Binding) {
    const path = state.privateDatabaseOf(binding.folder)
    const database = openReplicaState({ path, folder: binding.folder, node })
    databases.set(binding.folder, database)
    return { folder: binding.folder, create: creatorOf(binding, database) }
  }

  function creatorOf(binding: Binding, database: OpenReplicaState) {
    const { folder, directory, access } = binding
    return (events: Parameters<typeof createFolderRunner>[0]['events']) => {
      const counter = createProgressCounter({ now, onChange: events.changed })
      const memory = new CycleMemory(database)
      const saves = createSaveStopwatch({ onSaved: events.saved })
      let leftovers = NO_LEFTOVERS
      let tidying: IdleTidying | undefined
      return createFolderRunner({
        name: binding.name,
        directory,
        context: {
          folder,
          node,
          nodeName: name,
          access,
          state: database,
          link,
          now,
          wallNow,
          progress: counter,
          saves,
          memory,
        },
        cycle: { ...CYCLE, run: (...given) => CYCLE.run(...given).finally(() => memoryRelease.worked()) },
        openReplica: ({ onProblem }) => {
          const isIgnored = (path: string) => memory.scan.rules.isIgnored(path, 'directory')
          const transfer = { link, now: wallNow, progress: counter, reader, writers, contents, prefetchRoom }
          const shared = { ...transfer, state: database, baseCache, nodePeers: peers }
          return openReplica(
            binding,
            { ...shared, agreed: memory.apply.agreed.entries, nodeName: name },
            { onProblem, onNotice: saves.noticed, isIgnored },
            (opened) => {
              leftovers = opened.leftovers
              tidying = opened.tidying
            },
          )
        },
        events: {
          ...events,
          applied() {
            events.applied()
            // Nothing is to be downloaded any more. What can't be removed now is old enough one day.
            leftovers.discardAll().catch(() => undefined)
            tidying?.disturb()
          },
        },
        counter,
        checkState: () => checkStateDirectory(state, folder),
        sleep,
        proofPace,
      })
    }
  }

  function createRunner(bound: NodeRecord): NodeRunner {
    return createNodeRunner({
      node,
      name,
      coordinator,
      socket: (socket = createSocketOfLink(link, { dialler })),
      folders: bound.folders.map(openFolder),
      closeLink: () => link.close(),
      onStatus,
      onAssignments: (told) => assignments.told(told),
      onAccess: (folder, access) => void saveAccess(state, folder, access),
      onKeys: (pins) => void takeKeys(pins),
    })
  }

  /** The coordinator hears of it once they are kept: then it may show either. */
  async function takeKeys(pins: readonly KeyPin[]): Promise<void> {
    try {
      socket?.send({ kind: 'pinned', pins: await takePins(state, dialler, pins) })
    } catch (error) {
      onNotice(`the coordinator is about to show another TLS key, and it could not be kept: ${messageOf(error)}`)
    }
  }

  function closeDatabases(): void {
    for (const database of databases.values()) database.close()
  }

  function takeOver({ id, access, deleteBrake, paused }: CarriedFolder): void {
    runner.setAccess(id, access)
    runner.setDeleteBrake(id, deleteBrake)
    runner.setPaused(id, paused === true)
  }

  const assignments = createNodeAssignments({
    state,
    renew: () => link.session.renew(),
    acceptAtCoordinator: (folder, directories) => link.accept(folder, directories),
    declineAtCoordinator: (folder) => link.decline(folder),
    stateOption,
    usableDirectory,
    begin(binding, carried) {
      runner.addFolder(openFolder(binding))
      takeOver(carried)
    },
    async end(folder) {
      await runner.removeFolder(folder)
      databases.get(folder)?.close()
      databases.delete(folder)
    },
    say: onNotice,
    changed: onStatus,
    wallNow,
  })

  let runner: NodeRunner
  try {
    runner = createRunner(record)
  } catch (error) {
    closeDatabases()
    throw error
  }
  return {
    runner,
    assignments,
    async close() {
      peers.stop()
      const decided = assignments.stop()
      await runner.stop()
      await decided
      memoryRelease.stop()
      await peers.close()
      await contents.recentlyRemoved.letGo()
      await threads.close()
      closeDatabases()
    },
  }
}

/** How often to compare, from the environment: tests, and people who look for a fault, don't want to wait. */
export function proofPaceFrom(env: NodeJS.ProcessEnv): ProofPace {
  const gapMs = Number(env['CAUSEWAY_PROOF_GAP_MS'])
  if (!Number.isSafeInteger(gapMs) || gapMs < 100) return PROOF_PACE
  return { restMs: Math.min(PROOF_PACE.restMs, gapMs), gapMs, repeatMs: 20 * gapMs }
}

/** The coordinator as an enrolled node reaches it. */
export function openLink(
  record: NodeRecord,
  { key }: Pick<StateDirectory, 'key'>,
  given: Pick<HttpLinkOptions, 'dialler' | 'onSignedIn' | 'announce' | 'hashing'>,
): HttpLink {
  const { coordinator, node } = record
  return createHttpLink({ identity: { node, coordinator: coordinator.id, sign: key.sign }, ...given })
}

/** What all opened directories of a folder, or of the node, work with. */
type Shared = Pick<TransferOptions, 'link' | 'now' | 'progress' | 'reader' | 'writers' | 'prefetchRoom'> & {
  readonly state: OpenReplicaState
  readonly contents: NodeContents
  readonly baseCache: BaseCache
  readonly nodePeers: NodePeers
  /** Entries whose content both sides have come to hold. */
  readonly agreed: Set<EntryId>
  readonly nodeName: string
}

async function openReplica(
  { folder, directory, nonce }: Binding,
  shared: Shared,
  watching: Pick<WatcherOptions, 'onProblem' | 'onNotice' | 'isIgnored'>,
  onOpened: (opened: { readonly leftovers: Leftovers; readonly tidying: IdleTidying }) => void,
): Promise<Replica> {
  const { state, contents, baseCache, agreed, nodeName, nodePeers } = shared
  const disk = await openDiskFiles({ root: directory, folder, markerNonce: nonce, nodeName })
  const files = keepingRecentlyRemoved(disk, state, contents.recentlyRemoved)
  const leftovers = await keepLeftovers(files, shared.now)
  const bases = baseCache.open({ folder, store: files.bases, files, state, candidates: agreed })
  const tidying = tidyWhenIdle(bases)
  onOpened({ leftovers, tidying })
  const leaveContents = contents.add({ files, state })
  const leavePeers = nodePeers.open(folder, { files, state })
  return {
    files,
    transfer: createTransfer({
      folder,
      files,
      leftovers: givingUp(leftovers, bases, contents.recentlyRemoved),
      bases,
      peers: nodePeers.of(folder),
      ...shared,
    }),
    watcher: createWatcher({ root: directory, ...watching, ...QUIET }),
    close() {
      leaveContents()
      leavePeers()
      void tidying.stop()
      files.release()
    },
  }
}

/** On a full disk former contents go before a download fails. */
function givingUp(leftovers: Leftovers, bases: FolderBases, recentlyRemoved: RecentlyRemoved): Leftovers {
  return {
    ...leftovers,
    async discardAll() {
      const discarded = [await leftovers.discardAll(), await bases.purge(), await recentlyRemoved.letGo()]
      return discarded.includes(true)
    },
  }
}

/** What a node knows is lost when it ends if its files were removed meanwhile: nothing may rest on it any more. */
function checkStateDirectory({ locations, databaseOf }: StateDirectory, folder: FolderId): void {
  if (existsSync(locations.node) && existsSync(databaseOf(folder))) return
  throw new SyncError(
    'state-missing',
    `the state directory ${locations.root} was removed, or moved, while the node runs. Nothing is synced, and nothing ` +
      'was deleted. Put it back, or stop the node and join the folder again with a new link.',
  )
}

async function saveAccess(state: StateDirectory, folder: FolderId, access: Access): Promise<void> {
  // Only a hint for the next start: the coordinator holds the right, and says so again at each sign-in.
  const saved = state.update((record) => {
    const binding = record.folders.find((bound) => bound.folder === folder)
    return binding === undefined ? record : withBinding(record, { ...binding, access })
  })
  await saved.catch(() => undefined)
}

/** What people call the node by now: shown from the next start on, and written into the names of conflict copies. */
async function saveCalledAs(state: StateDirectory, name: string | undefined): Promise<void> {
  const { record } = state
  if (record === undefined || name === undefined || name === (record.calledAs ?? record.name)) return
  await state.update((known) => ({ ...known, calledAs: name })).catch(() => undefined)
}
