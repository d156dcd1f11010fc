import type { FolderId, NodeId, Transfer } from '@causeway/protocol'
import type {
  AssignmentRow,
  InviteRow,
  LeaseRow,
  MembershipRow,
  MetadataWriter,
  NewThroughput,
  NewTransfer,
  NodeChange,
  NodeRow,
  Watch,
} from '../metadata-store.ts'
import { ContentWriter } from './content-writer.ts'
import { KEY } from './entry-reader.ts'
import { writeThroughput } from './throughput-rows.ts'
import { writeTransfers } from './transfer-rows.ts'

type FleetWrites =
  | 'addTransfers'
  | 'addThroughput'
  | 'putNode'
  | 'touchNode'
  | 'changeNode'
  | 'revokeNode'
  | 'putMembership'
  | 'setApplied'
  | 'setRights'
  | 'removeMembership'
  | 'putAssignment'
  | 'removeAssignment'
  | 'putInvite'
  | 'useInvite'
  | 'removeInvite'
  | 'putLease'
  | 'putSetting'

/** Nodes, and whatever is kept of them. */
export class FleetWriter extends ContentWriter implements Pick<MetadataWriter, FleetWrites> {
  addThroughput(rows: readonly NewThroughput[], watch: Watch): Promise<void> {
    return writeThroughput(this.db, rows, watch)
  }

  addTransfers(transfers: readonly NewTransfer[]): Promise<readonly Transfer[]> {
    return writeTransfers(this.db, transfers)
  }

  async putNode(node: NodeRow): Promise<void> {
    await this.db.run(
      `INSERT INTO nodes (id, name, address, port, public_key, capabilities, watch_directories, version,
         registered_at, last_seen_at, revoked, ordinal)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, (SELECT coalesce(max(ordinal) + 1, 0) FROM nodes))
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, address = excluded.address, port = excluded.port,
         public_key = excluded.public_key, capabilities = excluded.capabilities,
         watch_directories = excluded.watch_directories, version = excluded.version,
         registered_at = excluded.registered_at, last_seen_at = excluded.last_seen_at, revoked = excluded.revoked`,
      node.id,
      node.name,
      node.address,
      node.port,
      node.publicKey,
      JSON.stringify(node.capabilities),
      JSON.stringify(node.watchDirectories),
      node.version,
      node.registeredAt,
      node.lastSeenAt,
      node.revoked ? 1 : 0,
    )
  }

  async touchNode(id: NodeId, at: string): Promise<void> {
    await this.db.run('UPDATE nodes SET last_seen_at = $2 WHERE id = $1', id, at)
  }

  async changeNode(id: NodeId, { name, watchDirectories, dailyBytes }: NodeChange): Promise<void> {
    const directories = watchDirectories === undefined ? null : JSON.stringify(watchDirectories)
    const sql = `UPDATE nodes SET name = coalesce($2, name), watch_directories = coalesce($3, watch_directories),
      daily_bytes = CASE WHEN $4::integer = 1 THEN $5::bigint ELSE daily_bytes END WHERE id = $1`
    await this.db.run(sql, id, name ?? null, directories, dailyBytes === undefined ? 0 : 1, dailyBytes ?? null)
  }

  async revokeNode(id: NodeId): Promise<void> {
    await this.db.run('UPDATE nodes SET revoked = 1 WHERE id = $1', id)
  }

  async putMembership(membership: MembershipRow): Promise<void> {
    await this.db.run(
      `INSERT INTO memberships (folder, node, access, applied, clock, paused) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (folder, node) DO UPDATE SET access = excluded.access, applied = excluded.applied,
         clock = excluded.clock, paused = excluded.paused`,
      await this.existingFolder(membership.folder, 'join a node to'),
      membership.node,
      membership.access,
      membership.applied,
      JSON.stringify(membership.clock),
      membership.paused ? 1 : 0,
    )
  }

  async setApplied(
    folder: FolderId,
    node: NodeId,
    { applied, clock }: Pick<MembershipRow, 'applied' | 'clock'>,
  ): Promise<boolean> {
    const sql = `UPDATE memberships SET applied = $3, clock = $4 WHERE folder = ${KEY} AND node = $2`
    return (await this.db.run(sql, folder, node, applied, JSON.stringify(clock))) === 1
  }

  async setRights(
    folder: FolderId,
    node: NodeId,
    { access, paused }: Partial<Pick<MembershipRow, 'access' | 'paused'>>,
  ): Promise<boolean> {
    const sql = `UPDATE memberships SET access = coalesce($3, access), paused = coalesce($4::integer, paused)
      WHERE folder = ${KEY} AND node = $2`
    const pausedCell = paused === undefined ? null : paused ? 1 : 0
    return (await this.db.run(sql, folder, node, access ?? null, pausedCell)) === 1
  }

  async removeMembership(folder: FolderId, node: NodeId): Promise<void> {
    await this.db.run(`DELETE FROM memberships WHERE folder = ${KEY} AND node = $2`, folder, node)
  }

  async putAssignment({ folder, node, kind, access, at }: AssignmentRow): Promise<void> {
    const sql = `INSERT INTO assignments (folder, node, kind, access, at) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (folder, node) DO UPDATE SET kind = excluded.kind, access = excluded.access, at = excluded.at`
    await this.db.run(sql, folder, node, kind, access, at)
  }

  async removeAssignment(folder: FolderId, node: NodeId): Promise<void> {
    await this.db.run('DELETE FROM assignments WHERE folder = $1 AND node = $2', folder, node)
  }

  async putInvite(invite: InviteRow): Promise<void> {
    await this.db.run(
      `INSERT INTO invites (secret_hash, folders, access, expires_at, used_by) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (secret_hash) DO UPDATE SET folders = excluded.folders, access = excluded.access,
         expires_at = excluded.expires_at, used_by = excluded.used_by`,
      invite.secretHash,
      JSON.stringify(invite.folders),
      invite.access,
      invite.expiresAt,
      invite.usedBy,
    )
  }

  async useInvite(secretHash: string, node: NodeId): Promise<boolean> {
    const sql = 'UPDATE invites SET used_by = $2 WHERE secret_hash = $1 AND used_by IS NULL'
    return (await this.db.run(sql, secretHash, node)) === 1
  }

  async removeInvite(secretHash: string): Promise<boolean> {
    return (await this.db.run('DELETE FROM invites WHERE secret_hash = $1 AND used_by IS NULL', secretHash)) === 1
  }

  async putLease({ name, holder, token, beat, ttlMs }: LeaseRow): Promise<void> {
    const sql = `INSERT INTO leases (name, holder, token, beat, ttl_ms) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = excluded.token, beat = excluded.beat,
        ttl_ms = excluded.ttl_ms`
    await this.db.run(sql, name, holder, token, beat, ttlMs)
  }

  async putSetting(key: string, value: string): Promise<void> {
    const sql =
      'INSERT INTO settings (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value'
    await this.db.run(sql, key, value)
  }
}
