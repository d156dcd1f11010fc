import {
  COORDINATOR_ID,
  SyncError,
  type Access,
  type Author,
  type FolderId,
  type MembershipView,
  type Actor,
  type NodeId,
  type NodeOffer,
  type NodeView,
  type RegisterRequest,
} from '@causeway/protocol'
import type { AssignmentRow, KeptNode, MembershipRow, MetadataReader, NodeRow } from '@causeway/store'
import { announceEvents, dayBefore, folderOf, isoNow, noteEvent } from '@causeway/log'
import type { Context } from '../ports/context.ts'
import { isOpen } from './assignments.ts'
import type { NodePresence } from './presence.ts'

export interface Nodes {
  list(): Promise<readonly NodeView[]>
  get(id: NodeId): Promise<NodeView>
  /** Takes note of a node under an id it chose, or of what changed about it. It carries no folder by that, and cannot sign in. */
  register(request: RegisterRequest): Promise<NodeView>
  /** What people call a node from now on (its id stays), and how much it may send within a day. */
  change(id: NodeId, change: NodeSettings): Promise<NodeView>
  /** Ends a node's rights and its sessions. What it wrote stays. */
  remove(id: NodeId, by: Actor): Promise<void>
  members(folder: FolderId): Promise<readonly MembershipView[]>
  /** The names of all that changed the folder or carry it; what a person did from afar is the coordinator's. */
  authors(folder: FolderId): Promise<readonly Author[]>
  changeMember(
    folder: FolderId,
    node: NodeId,
    change: { access?: Access | undefined; paused?: boolean | undefined },
  ): Promise<MembershipView>
}

export interface NodeSettings {
  readonly name?: string | undefined
  /** Null for no limit. */
  readonly dailyBytes?: number | null | undefined
}

const BEHIND_COUNTED = 10_000

export function createNodes(context: Context, presence: NodePresence): Nodes {
  const { metadata, clock, signals } = context

  async function memberView(tx: MetadataReader, row: MembershipRow): Promise<MembershipView> {
    const { head } = await folderOf(tx, row.folder)
    const { folder, node, access, paused, applied, clock } = row
    const behind = await behindOf(tx, row, head)
    return { folder, node, access, paused, applied, clock, head, behind, report: presence.report(node, folder) }
  }

  async function nodeView(tx: MetadataReader, row: KeptNode): Promise<NodeView> {
    const memberships = await tx.memberships({ node: row.id })
    const offers = (await tx.assignments({ node: row.id })).filter(isOpen)
    return {
      id: row.id,
      name: row.name,
      address: row.address,
      port: row.port,
      watchDirectories: [...row.watchDirectories],
      capabilities: [...row.capabilities],
      version: row.version,
      online: presence.isOnline(row.id),
      registeredAt: row.registeredAt,
      lastSeenAt: row.lastSeenAt,
      revoked: row.revoked,
      ordinal: row.ordinal,
      dailyBytes: row.dailyBytes,
      ...(row.dailyBytes !== null && { sentBytes: await sentToday(tx, row.id) }),
      folders: await Promise.all(memberships.map((membership) => memberView(tx, membership))),
      ...(offers.length > 0 && { offers: offers.map(offerView) }),
    }
  }

  async function sentToday(tx: MetadataReader, node: NodeId): Promise<number> {
    const sent = await tx.sentSince(node, dayBefore(isoNow(clock)))
    return sent.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  return {
    list: () =>
      metadata.read(async (tx) => {
        const rows = (await tx.nodes()).filter(({ revoked }) => !revoked)
        return Promise.all(rows.map((row) => nodeView(tx, row)))
      }),
    get: (id) => metadata.read(async (tx) => nodeView(tx, await nodeRow(tx, id))),
    async register(request) {
      const now = isoNow(clock)
      const view = await metadata.write(async (tx) => {
        const known = await tx.node(request.node_id)
        const row: NodeRow = {
          id: request.node_id,
          name: request.name,
          address: request.address,
          port: request.port,
          publicKey: known?.publicKey ?? null,
          capabilities: capabilitiesOf(request.capabilities),
          watchDirectories: request.watch_directories,
          version: known?.version ?? '',
          registeredAt: known?.registeredAt ?? now,
          lastSeenAt: now,
          revoked: false,
        }
        // A node that was removed and has a key comes back by a join link only.
        if (known?.revoked === true && known.publicKey !== null) throw removed(row.id)
        await tx.putNode(row)
        return nodeView(tx, await nodeRow(tx, row.id))
      })
      signals.publish('node', { node: request.node_id })
      return view
    },
    async change(id, { name, dailyBytes }) {
      const { view, folders } = await metadata.write(async (tx) => {
        await nodeRow(tx, id)
        await tx.changeNode(id, {
          ...(name !== undefined && { name }),
          ...(dailyBytes !== undefined && { dailyBytes }),
        })
        const folders = (await tx.memberships({ node: id })).map(({ folder }) => folder)
        return { view: await nodeView(tx, await nodeRow(tx, id)), folders }
      })
      // What the limit kept waiting is tried at once.
      if (dailyBytes !== undefined) for (const folder of folders) signals.publish('delete-brake', { folder })
      signals.publish('node', { node: id })
      return view
    },
    async remove(id, by) {
      const at = isoNow(clock)
      const events = await metadata.write(async (tx) => {
        const row = await nodeRow(tx, id)
        const memberships = await tx.memberships({ node: id })
        const events = []
        for (const { folder } of memberships) {
          await tx.removeMembership(folder, id)
          events.push(
            ...(await noteEvent(tx, await folderOf(tx, folder), at, {
              kind: 'leave',
              reason: `${row.name} (${id}) was removed.`,
              actor: by,
            })),
          )
        }
        for (const { folder } of await tx.assignments({ node: id })) await tx.removeAssignment(folder, id)
        await tx.revokeNode(id)
        return events
      })
      signals.publish('revoked', { node: id })
      announceEvents(context, events)
      signals.publish('node', { node: id })
    },
    members: (folder) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        return Promise.all((await tx.memberships({ folder })).map((row) => memberView(tx, row)))
      }),
    authors: (folder) =>
      metadata.read(async (tx) => {
        const { clock } = await folderOf(tx, folder)
        const members = (await tx.memberships({ folder })).map(({ node }) => node)
        const ids = new Set<string>([...Object.keys(clock), ...members])
        const nodes = (await tx.nodes()).filter(({ id }) => ids.has(id)).map(({ id, name }) => ({ node: id, name }))
        return ids.has(COORDINATOR_ID) ? [...nodes, { node: COORDINATOR_ID, name: 'coordinator' }] : nodes
      }),
    async changeMember(folder, node, { access, paused }) {
      const view = await metadata.write(async (tx) => {
        await tx.setRights(folder, node, { ...(access && { access }), ...(paused !== undefined && { paused }) })
        const changed = (await tx.memberships({ folder, node }))[0]
        if (changed === undefined) throw new SyncError('not-found', `${node} does not carry ${folder}`)
        return memberView(tx, changed)
      })
      signals.publish('access', { folder, node })
      signals.publish('node', { node })
      return view
    },
  }
}

function offerView({ folder, access, at, kind }: AssignmentRow): NodeOffer {
  return { folder, access, at, ...(kind === 'declined' && { declined: true }) }
}

async function nodeRow(tx: MetadataReader, id: NodeId): Promise<KeptNode> {
  const row = await tx.node(id)
  if (row === undefined || row.revoked) throw new SyncError('not-found', `there is no node ${id}`)
  return row
}

async function behindOf(tx: MetadataReader, { folder, applied }: MembershipRow, head: number): Promise<number | null> {
  if (applied >= head) return 0
  const changed = await tx.countChangesAfter(folder, applied, BEHIND_COUNTED + 1)
  return changed > BEHIND_COUNTED ? null : changed
}

function capabilitiesOf(capabilities: RegisterRequest['capabilities']): string[] {
  if (Array.isArray(capabilities)) return capabilities
  return Object.entries(capabilities).flatMap(([name, value]) => {
    if (value === false) return []
    return [value === true ? name : `${name}=${value}`]
  })
}

function removed(id: NodeId): SyncError {
  return new SyncError('not-allowed', `${id} was removed: it can come back with a new join link`)
}
