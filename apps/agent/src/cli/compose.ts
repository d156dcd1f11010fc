import { SyncError, type Access, type FolderId } from '@causeway/protocol'
import {
  createWatcher,
  openDiskFiles,
  openReplicaState,
  type OpenReplicaState,
  type WatcherOptions,
} from '@causeway/replica'
import { CycleMemory } from '../cycle/cycle-memory.ts'
import { sleep } from '../link/backoff.ts'
import { createHttpLink, type HttpLink, type HttpLinkOptions } from '../link/http-link.ts'
import { createLinkSocket } from '../link/socket.ts'
import { createFolderRunner, type Cycle, type Replica } from '../runner/folder-runner.ts'
import { createNodeRunner, type NodeRunner } from '../runner/node-runner.ts'
import { createProgressCounter } from '../runner/progress.ts'
import type { Binding, NodeRecord } from '../state/node-record.ts'
import { withBinding, type StateDirectory } from '../state/state-directory.ts'
import { liftHalt, receiveChanges, runSyncCycle } from '../sync-cycle.ts'
import { keepLeftovers, NO_LEFTOVERS, type Leftovers } from '../transfer/leftovers.ts'
import { createTransfer } from '../transfer/create-transfer.ts'

/** A node with everything that it is made of. */
export interface ComposedNode {
  readonly runner: NodeRunner
  /** Stops the runner and closes what it worked with. */
  close(): Promise<void>
}

export interface ComposeOptions {
  readonly state: StateDirectory
  readonly now?: () => number
  onStatus(): void
}

/** A save is often several events: short enough to go unnoticed, long enough to gather them. */
const QUIET = { quietMs: 3, maxWaitMs: 20 }

const CYCLE: Cycle = { run: runSyncCycle, receive: receiveChanges, liftHalt }

/** Puts an enrolled node together. Throws `not-found` if the state directory holds none. */
export function composeNode({ state, now = Date.now, onStatus }: ComposeOptions): ComposedNode {
  const { record } = state
  if (record === undefined) {
    throw new SyncError('not-found', `${state.locations.root} belongs to no enrolled node: run "causeway join" first`)
  }
  const { node, name, coordinator } = record
  const link = openLink(record, state, (folders) => {
    for (const { id, access } of folders) runner.setAccess(id, access)
  })
  const databases: OpenReplicaState[] = []

  function openFolder(binding: Binding) {
    const database = openReplicaState({ path: state.databaseOf(binding.folder), folder: binding.folder, node })
    databases.push(database)
    return { folder: binding.folder, create: creatorOf(binding, database) }
  }

  function creatorOf(binding: Binding, database: OpenReplicaState) {
    const { folder, directory, access } = binding
    return (events: Parameters<typeof createFolderRunner>[0]['events']) => {
      const counter = createProgressCounter({ now, onChange: events.changed })
      const memory = new CycleMemory()
      let leftovers = NO_LEFTOVERS
      return createFolderRunner({
        name: binding.name,
        directory,
        context: { folder, node, nodeName: name, access, state: database, link, now, progress: counter, memory },
        cycle: CYCLE,
        openReplica: ({ onProblem }) => {
          const isIgnored = (path: string) => memory.rules.isIgnored(path, 'directory')
          return openReplica(binding, { link, now, progress: counter }, { onProblem, isIgnored }, (opened) => {
            leftovers = opened
          })
        },
        events: {
          ...events,
          applied() {
            events.applied()
            // Nothing is to be downloaded any more. What can't be removed now is old enough one day.
            leftovers.discardAll().catch(() => undefined)
          },
        },
        counter,
        sleep,
      })
    }
  }

  function createRunner(bound: NodeRecord): NodeRunner {
    return createNodeRunner({
      node,
      name,
      coordinator,
      socket: createLinkSocket({ url: coordinator.url, session: link.session }),
      folders: bound.folders.map(openFolder),
      closeLink: () => link.close(),
      onStatus,
      onAccess: (folder, access) => void saveAccess(state, folder, access),
    })
  }

  function closeDatabases(): void {
    for (const database of databases) database.close()
  }

  let runner: NodeRunner
  try {
    runner = createRunner(record)
  } catch (error) {
    closeDatabases()
    throw error
  }
  return {
    runner,
    async close() {
      await runner.stop()
      closeDatabases()
    },
  }
}

/** The coordinator as an enrolled node reaches it. */
export function openLink(
  record: NodeRecord,
  { key }: Pick<StateDirectory, 'key'>,
  onRights: HttpLinkOptions['onRights'] = () => undefined,
): HttpLink {
  const { coordinator, node } = record
  return createHttpLink({
    url: coordinator.url,
    identity: { node, coordinator: coordinator.id, sign: key.sign },
    onRights,
  })
}

async function openReplica(
  { folder, directory, nonce }: Binding,
  shared: Pick<Parameters<typeof createTransfer>[0], 'link' | 'now' | 'progress'>,
  watching: Pick<WatcherOptions, 'onProblem' | 'isIgnored'>,
  onOpened: (leftovers: Leftovers) => void,
): Promise<Replica> {
  const files = await openDiskFiles({ root: directory, folder, markerNonce: nonce })
  const leftovers = await keepLeftovers(files, shared.now)
  onOpened(leftovers)
  return {
    files,
    transfer: createTransfer({ folder, files, leftovers, ...shared }),
    watcher: createWatcher({ root: directory, ...watching, ...QUIET }),
    close: () => files.release(),
  }
}

async function saveAccess(state: StateDirectory, folder: FolderId, access: Access): Promise<void> {
  const { record } = state
  const binding = record?.folders.find((bound) => bound.folder === folder)
  if (record === undefined || binding === undefined) return
  // Only a hint for the next start: the coordinator holds the right, and says so again at each sign-in.
  await state.save(withBinding(record, { ...binding, access })).catch(() => undefined)
}
