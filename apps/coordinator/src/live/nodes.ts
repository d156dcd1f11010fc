import {
  SyncError,
  type Access,
  type FolderId,
  type MembershipView,
  type NodeId,
  type NodeView,
  type RegisterRequest,
} from '@causeway/protocol'
import type { KeptNode, MembershipRow, MetadataReader, NodeRow } from '@causeway/store'
import { isoNow, type Context } from '../context.ts'
import { folderOf } from '../folders/commit.ts'
import { noteEvent } from '../folders/note-event.ts'
import type { Fleet } from './fleet.ts'

export interface Nodes {
  list(): Promise<readonly NodeView[]>
  get(id: NodeId): Promise<NodeView>
  /** Takes note of a node under an id it chose, or of what changed about it. It carries no folder by that, and cannot sign in. */
  register(request: RegisterRequest): Promise<NodeView>
  /** Ends a node's rights and its sessions. What it wrote stays. */
  remove(id: NodeId): Promise<void>
  members(folder: FolderId): Promise<readonly MembershipView[]>
  changeMember(
    folder: FolderId,
    node: NodeId,
    change: { access?: Access | undefined; paused?: boolean | undefined },
  ): Promise<MembershipView>
}

const BEHIND_COUNTED = 10_000

export function createNodes(context: Context, fleet: Fleet): Nodes {
  const { metadata, clock, bus } = context

  async function memberView(tx: MetadataReader, row: MembershipRow): Promise<MembershipView> {
    const { head } = await folderOf(tx, row.folder)
    const { folder, node, access, paused, applied, clock } = row
    const behind = await behindOf(tx, row, head)
    return { folder, node, access, paused, applied, clock, head, behind, report: fleet.report(node, folder) }
  }

  async function nodeView(tx: MetadataReader, row: KeptNode): Promise<NodeView> {
    const memberships = await tx.memberships({ node: row.id })
    return {
      id: row.id,
      name: row.name,
      address: row.address,
      port: row.port,
      watchDirectories: [...row.watchDirectories],
      capabilities: [...row.capabilities],
      version: row.version,
      online: fleet.isOnline(row.id),
      registeredAt: row.registeredAt,
      lastSeenAt: row.lastSeenAt,
      revoked: row.revoked,
      ordinal: row.ordinal,
      folders: await Promise.all(memberships.map((membership) => memberView(tx, membership))),
    }
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
      bus.publish('node', { node: request.node_id })
      return view
    },
    async remove(id) {
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
            })),
          )
        }
        await tx.putNode({ ...row, revoked: true })
        return events
      })
      bus.publish('revoked', { node: id })
      if (events.length > 0) bus.publish('events', events)
      bus.publish('node', { node: id })
    },
    members: (folder) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        return Promise.all((await tx.memberships({ folder })).map((row) => memberView(tx, row)))
      }),
    async changeMember(folder, node, { access, paused }) {
      const view = await metadata.write(async (tx) => {
        const row = (await tx.memberships({ folder, node }))[0]
        if (row === undefined) throw new SyncError('not-found', `${node} does not carry ${folder}`)
        const changed = { ...row, ...(access !== undefined && { access }), ...(paused !== undefined && { paused }) }
        await tx.putMembership(changed)
        return memberView(tx, changed)
      })
      bus.publish('access', { folder, node, access: view.access, paused: view.paused })
      bus.publish('node', { node })
      return view
    },
  }
}

async function nodeRow(tx: MetadataReader, id: NodeId): Promise<KeptNode> {
  const row = await tx.node(id)
  if (row === undefined || row.revoked) throw new SyncError('not-found', `there is no node ${id}`)
  return row
}

async function behindOf(tx: MetadataReader, { folder, applied }: MembershipRow, head: number): Promise<number | null> {
  if (applied >= head) return 0
  const changed = await tx.changesAfter(folder, applied, BEHIND_COUNTED + 1)
  return changed.length > BEHIND_COUNTED ? null : changed.length
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
