import { setImmediate } from 'node:timers/promises'
import { SyncError, type FolderId, type FolderView, type NodeId, type RemovedFolderView } from '@causeway/protocol'
import {
  createLeases,
  type FolderRow,
  type InviteRow,
  type MetadataReader,
  type MetadataStore,
  type MetadataWriter,
} from '@causeway/store'
import { announceEvents, folderOf, isoNow, LEASE_TTL_MS, noteEvent, underLease } from '@causeway/log'
import type { Timer } from '@causeway/time'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { endedWithFolder } from './assignments.ts'
import { folderView } from '../tree/folders.ts'

/** Folders that people removed. They are in nobody's way, and all that they hold is kept until it is deleted for good. */
export interface RemovedFolders {
  list(): Promise<readonly RemovedFolderView[]>
  /** Takes a folder out of use everywhere. The files on its nodes stay where they are, and are synced no longer. */
  remove(acting: Acting): Promise<void>
  /** Brings one back as it was, and offers it to the nodes that carried it. Throws `not-found`. */
  restore(acting: Acting): Promise<FolderView>
  /** Deletes one with its whole history: resolves when that can no longer be undone; the rows go in the background. */
  drop(id: FolderId): Promise<void>
  /** Goes on with what was under way when the coordinator ended. */
  start(): void
  /** Ends that at its next step, to be gone on with. */
  stop(): Promise<void>
}

/** Rows of one kind that go in one step: some milliseconds, between which everybody else gets their turn. */
const ROWS_AT_ONCE = 1000

export function createRemovedFolders(context: Context): RemovedFolders {
  const { metadata, clock, timers, random, signals, log } = context
  const leases = createLeases(metadata, timers.now)
  const lease = underLease({ metadata, timers, random }, { name: 'purge', leases })
  const stopping = new AbortController()
  let dropping: Promise<void> = Promise.resolve()
  let timer: Timer | undefined

  async function doomed(): Promise<readonly FolderId[]> {
    const folders = await metadata.read((tx) => tx.folders())
    return folders.filter(({ removed }) => removed?.forGood === true).map(({ id }) => id)
  }

  async function dropAll(own: MetadataStore, signal: AbortSignal): Promise<void> {
    for (const id of await doomed()) {
      let isGone = false
      while (!isGone) {
        if (signal.aborted) return
        isGone = await own.write((tx) => tx.dropFolder(id, ROWS_AT_ONCE))
        await setImmediate()
      }
      log.info({ folder: id }, 'a removed folder was deleted for good')
    }
  }

  function goOnDropping(): void {
    dropping = dropping.then(dropUnlessAnother).catch((error: unknown) => {
      log.error({ err: error }, 'a removed folder could not be deleted; the next start continues with it')
    })
  }

  /** Another coordinator that is at it may not have seen the last that were removed. */
  async function dropUnlessAnother(): Promise<void> {
    if (stopping.signal.aborted || (await doomed()).length === 0) return
    const isDone = await lease.run(dropAll, stopping.signal)
    if (!isDone) timer = timers.after(LEASE_TTL_MS, goOnDropping).unref()
  }

  return {
    list: () =>
      metadata.read(async (tx) => {
        const views: RemovedFolderView[] = []
        for (const row of await tx.folders()) {
          if (row.removed === undefined) continue
          const { id, name, removed } = row
          const nodes = await nodesOf(tx, id)
          views.push({ id, name, counts: await tx.counts(id), removedAt: removed.at, forGood: removed.forGood, nodes })
        }
        return views
      }),
    async remove({ folder: id, by }) {
      const at = isoNow(clock)
      const { nodes, events } = await metadata.write(async (tx) => {
        const row = await folderOf(tx, id)
        const members = await tx.memberships({ folder: id })
        const assigned = await tx.assignments({ folder: id })
        const offers = assigned.filter(({ kind }) => kind === 'offered')
        for (const ends of [...members, ...offers]) await tx.putAssignment(endedWithFolder(ends, at))
        for (const { kind, node } of assigned) if (kind === 'declined') await tx.removeAssignment(id, node)
        for (const { node } of members) await tx.removeMembership(id, node)
        for (const invite of await tx.openInvites(at)) await leaveOut(tx, invite, id)
        const reason = 'A person removed the folder: no node syncs it any longer, and all of it is kept.'
        const events = await noteEvent(tx, row, at, { kind: 'leave', reason, actor: by })
        await tx.updateFolder(id, { removed: { at, forGood: false } })
        return { nodes: [...members, ...offers].map(({ node }) => node), events }
      })
      tell(id, nodes)
      announceEvents(context, events)
    },
    async restore({ folder: id, by }) {
      const at = isoNow(clock)
      const { nodes, view, events } = await metadata.write(async (tx) => {
        const row = await removedOf(tx, id)
        const ended = (await tx.assignments({ folder: id })).filter(({ kind }) => kind === 'folder-removed')
        for (const assigned of ended) await tx.putAssignment({ ...assigned, kind: 'offered', at })
        const reason = 'A person restored the folder. The nodes that had it are offered it again.'
        const events = await noteEvent(tx, row, at, { kind: 'restore', reason, actor: by })
        await tx.updateFolder(id, { removed: null })
        return { nodes: ended.map(({ node }) => node), view: await folderView(tx, await folderOf(tx, id)), events }
      })
      tell(id, nodes)
      announceEvents(context, events)
      return view
    },
    async drop(id) {
      await metadata.write(async (tx) => {
        const { removed } = await removedOf(tx, id)
        await tx.updateFolder(id, { removed: { ...removed, forGood: true } })
        // A later folder of the same id has nothing to do with these nodes, which are still to hear that this one is gone.
        for (const ended of await tx.assignments({ folder: id }))
          await tx.putAssignment({ ...ended, kind: 'taken-away' })
      })
      goOnDropping()
    },
    start: goOnDropping,
    async stop() {
      stopping.abort()
      timer?.cancel()
      await dropping
    },
  }

  function tell(folder: FolderId, nodes: readonly NodeId[]): void {
    for (const node of nodes) {
      signals.publish('assigned', { folder, node })
      signals.publish('node', { node })
    }
  }
}

/** Links to a removed folder alone are worthless, also should it come back; those to others as well stay good for these. */
async function leaveOut(tx: MetadataWriter, invite: InviteRow, folder: FolderId): Promise<void> {
  const folders = invite.folders.filter((id) => id !== folder)
  if (folders.length === invite.folders.length) return
  if (folders.length === 0) await tx.removeInvite(invite.secretHash)
  else await tx.putInvite({ ...invite, folders })
}

/** A removed folder that can come back. Throws `not-found`. */
async function removedOf(
  tx: MetadataReader,
  id: FolderId,
): Promise<FolderRow & { readonly removed: NonNullable<FolderRow['removed']> }> {
  const row = await tx.folder(id)
  if (row?.removed === undefined || row.removed.forGood)
    throw new SyncError('not-found', `there is no removed folder ${id}`)
  return { ...row, removed: row.removed }
}

async function nodesOf(tx: MetadataReader, folder: FolderId): Promise<NodeId[]> {
  return (await tx.assignments({ folder })).flatMap(({ kind, node }) => (kind === 'folder-removed' ? [node] : []))
}
