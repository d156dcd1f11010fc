import {
  SyncError,
  type Access,
  type Assignments,
  type CarriedFolder,
  type FolderId,
  type NodeId,
} from '@causeway/protocol'
import type { AssignmentRow, FolderRow, MembershipRow, MetadataReader } from '@causeway/store'
import { announceEvents, folderOf, isInUse, isoNow, noteEvent } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { deleteBrakeOf } from '../tree/folders.ts'

/** Which folders a node is to carry, as people decide. A node is a member of a folder once it has a directory for it. */
export interface FolderAssignments {
  /** Offers a folder to a node, or offers it with another right. Throws `already-exists` if it carries it. */
  give(folder: FolderId, node: NodeId, access: Access): Promise<void>
  /** Ends a node's rights in a folder at once, or takes an offer back, also one that was declined. The files on the node stay. Throws `not-found`. */
  takeAway(acting: Acting, node: NodeId): Promise<void>
  /** The node has a directory for a folder that it was offered. Throws `not-allowed` if it was not. */
  accept(folder: FolderId, node: NodeId, watchDirectories?: readonly string[]): Promise<CarriedFolder>
  /** The node does not want a folder that it was offered: people see that, and may offer it again. Throws `not-found` if it was not. */
  decline(acting: Acting, node: NodeId): Promise<void>
  /** What a node is to hear. */
  of(node: NodeId): Promise<Assignments>
}

export function createFolderAssignments(context: Context): FolderAssignments {
  const { metadata, clock, signals } = context
  return {
    async give(folder, node, access) {
      await metadata.write(async (tx) => {
        const { name } = await folderOf(tx, folder)
        const row = await tx.node(node)
        if (row === undefined || row.revoked) throw new SyncError('not-found', `there is no node ${node}`)
        if (row.publicKey === null) {
          const why = `${row.name} was only registered here and has no key: it has to join with a join link`
          throw new SyncError('bad-request', `cannot give ${name} to it: ${why}`)
        }
        if ((await tx.memberships({ folder, node })).length > 0)
          throw new SyncError('already-exists', `${row.name} carries ${name} already`)
        await tx.putAssignment({ folder, node, kind: 'offered', access, at: isoNow(clock) })
      })
      signals.publish('assigned', { folder, node })
      signals.publish('node', { node })
    },
    async takeAway({ folder, by }, node) {
      const at = isoNow(clock)
      const events = await metadata.write(async (tx) => {
        const row = await folderOf(tx, folder)
        const [member] = await tx.memberships({ folder, node })
        const [assigned] = await tx.assignments({ folder, node })
        const access = member?.access ?? (isOpen(assigned) ? assigned.access : undefined)
        if (access === undefined) throw new SyncError('not-found', `${node} does not carry ${row.name}`)
        await tx.putAssignment({ folder, node, kind: 'taken-away', access, at })
        if (member === undefined) return []
        await tx.removeMembership(folder, node)
        const name = (await tx.node(node))?.name ?? node
        const reason = `${row.name} was taken away from ${name} (${node}). Its files stay on that disk.`
        return noteEvent(tx, row, at, { kind: 'leave', reason, actor: by })
      })
      signals.publish('assigned', { folder, node })
      announceEvents(context, events)
      signals.publish('node', { node })
    },
    async accept(folder, node, watchDirectories) {
      const at = isoNow(clock)
      const { carried, events } = await metadata.write(async (tx) => {
        const [member] = await tx.memberships({ folder, node })
        const [offer] = await tx.assignments({ folder, node })
        // Its answer was lost.
        if (member !== undefined) return { carried: carriedOf(await folderOf(tx, folder), member), events: [] }
        if (offer?.kind !== 'offered') throw new SyncError('not-allowed', notOffered(folder))
        const row = await folderOf(tx, folder)
        const joined = { folder, node, access: offer.access, applied: 0, clock: {}, paused: false }
        await tx.putMembership(joined)
        await tx.removeAssignment(folder, node)
        const known = await tx.node(node)
        if (watchDirectories !== undefined) await tx.changeNode(node, { watchDirectories })
        const reason = `${known?.name ?? node} (${node}) accepted the folder it was offered: ${offer.access}.`
        const events = await noteEvent(tx, row, at, { kind: 'join', reason, actor: { kind: 'node', node } })
        return { carried: carriedOf(row, joined), events }
      })
      announceEvents(context, events)
      signals.publish('node', { node })
      return carried
    },
    async decline({ folder, by }, node) {
      const at = isoNow(clock)
      const events = await metadata.write(async (tx) => {
        const [member] = await tx.memberships({ folder, node })
        const [assigned] = await tx.assignments({ folder, node })
        // Its answer was lost.
        if (assigned?.kind === 'declined') return []
        const access = member?.access ?? (assigned?.kind === 'offered' ? assigned.access : undefined)
        if (access === undefined) throw new SyncError('not-found', notOffered(folder))
        await tx.putAssignment({ folder, node, kind: 'declined', access, at })
        if (member === undefined) return []
        // It had taken it, and ended before it could write down where.
        await tx.removeMembership(folder, node)
        const name = (await tx.node(node))?.name ?? node
        return noteEvent(tx, await folderOf(tx, folder), at, {
          kind: 'leave',
          reason: `${name} (${node}) declined it.`,
          actor: by,
        })
      })
      announceEvents(context, events)
      signals.publish('assigned', { folder, node })
      signals.publish('node', { node })
    },
    of: (node) => metadata.read((tx) => assignmentsOf(tx, node)),
  }
}

export async function assignmentsOf(tx: MetadataReader, node: NodeId): Promise<Assignments> {
  const offers: Assignments['offers'] = []
  const ended: Assignments['ended'] = []
  for (const { folder, kind, access } of await tx.assignments({ node })) {
    if (kind !== 'offered') {
      // It may have been away since before it was offered the folder, and carry it from an earlier time.
      ended.push({ id: folder, why: kind === 'declined' ? 'taken-away' : kind })
      continue
    }
    const row = await tx.folder(folder)
    if (row !== undefined && isInUse(row)) offers.push({ id: folder, name: row.name, access })
  }
  return { offers, ended }
}

/** Whether people see it on the page: it waits for an answer, or for a person who has seen the answer. */
export function isOpen(assigned: AssignmentRow | undefined): assigned is AssignmentRow {
  return assigned?.kind === 'offered' || assigned?.kind === 'declined'
}

/** One answer for a folder that is not there and one that is not offered: neither is told apart. */
function notOffered(folder: FolderId): string {
  return `${folder} is not offered to this node (any more)`
}

/** A folder as the node that carries it is told of it. */
export function carriedOf(
  { id, name, epoch, settings }: FolderRow,
  { access, paused }: Pick<MembershipRow, 'access' | 'paused'>,
): CarriedFolder {
  return { id, name, epoch, access, deleteBrake: deleteBrakeOf(settings), paused }
}

/** Nodes of which a folder is taken with itself, as they are told, and offered it again should it come back. */
export function endedWithFolder({ folder, node, access }: MembershipRow | AssignmentRow, at: string): AssignmentRow {
  return { folder, node, kind: 'folder-removed', access, at }
}
