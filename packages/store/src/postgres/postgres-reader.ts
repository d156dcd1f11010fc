import type { EntryId, FolderId, HourSavings, NodeId, Savings, Transfer, TransferOrder } from '@causeway/protocol'
import type { AuditReader } from '../audit-rows.ts'
import type { DumpRow, DumpTable } from '../dump/tables.ts'
import type {
  AssignmentRow,
  Bucket,
  InviteRow,
  KeptNode,
  LeaseRow,
  MembershipRow,
  MetadataReader,
  ThroughputFilter,
  ThroughputRow,
  TransferFilter,
  Watch,
} from '../metadata-store.ts'
import type { PeopleReader } from '../people.ts'
import type { SignInReader } from '../sign-ins.ts'
import { assignmentOf, inviteOf, membershipOf, nodeOf } from '../sqlite/rows.ts'
import { number, text, textOrNull } from '../sqlite/values.ts'
import { auditRows } from './audit-rows.ts'
import { conditions } from './conditions.ts'
import type { Value } from './connection.ts'
import { dumpRows } from './dump-rows.ts'
import { ContentReader } from './content-reader.ts'
import { peopleRows } from './people-rows.ts'
import { signInRows } from './sign-in-rows.ts'
import { readThroughput, readWatches } from './throughput-rows.ts'
import { readSavings, readSavingsTotal, readTransfers } from './transfer-rows.ts'

interface OfFolderOrNode {
  readonly folder?: FolderId
  readonly node?: NodeId
}

/** The reading half of a transaction: to what is inherited, nodes and whatever is kept of them. */
export class PostgresReader extends ContentReader implements MetadataReader {
  get people(): PeopleReader {
    return peopleRows(this.db)
  }

  get signIns(): SignInReader {
    return signInRows(this.db)
  }

  get audit(): AuditReader {
    return auditRows(this.db)
  }

  async nodes(): Promise<readonly KeptNode[]> {
    return (await this.db.all('SELECT * FROM nodes ORDER BY id')).map(nodeOf)
  }

  async node(id: NodeId): Promise<KeptNode | undefined> {
    const row = await this.db.get('SELECT * FROM nodes WHERE id = $1', id)
    return row && nodeOf(row)
  }

  async memberships(filter: OfFolderOrNode): Promise<readonly MembershipRow[]> {
    const values: Value[] = []
    const where = conditions({ 'f.id': filter.folder, 'm.node': filter.node }, values)
    const sql = `SELECT m.*, f.id AS folder_id FROM memberships m JOIN folders f ON f.key = m.folder
      ${where} ORDER BY f.id, m.node`
    return (await this.db.all(sql, ...values)).map(membershipOf)
  }

  async assignments(filter: OfFolderOrNode): Promise<readonly AssignmentRow[]> {
    const values: Value[] = []
    const where = conditions({ folder: filter.folder, node: filter.node }, values)
    return (await this.db.all(`SELECT * FROM assignments ${where} ORDER BY folder, node`, ...values)).map(assignmentOf)
  }

  async invite(secretHash: string): Promise<InviteRow | undefined> {
    const row = await this.db.get('SELECT * FROM invites WHERE secret_hash = $1', secretHash)
    return row && inviteOf(row)
  }

  async openInvites(at: string): Promise<readonly InviteRow[]> {
    const sql = 'SELECT * FROM invites WHERE used_by IS NULL AND expires_at > $1 ORDER BY expires_at, secret_hash'
    return (await this.db.all(sql, at)).map(inviteOf)
  }

  savings(filter: TransferFilter, since: string | undefined): Promise<readonly HourSavings[]> {
    return readSavings(this.db, filter, since)
  }

  savingsTotal(): Promise<Savings> {
    return readSavingsTotal(this.db)
  }

  transfers(
    filter: TransferFilter & { readonly entry?: EntryId },
    page: { readonly order: TransferOrder; readonly before?: number; readonly limit: number },
  ): Promise<readonly Transfer[]> {
    return readTransfers(this.db, filter, page)
  }

  throughput(bucket: Bucket, since: string, filter: ThroughputFilter): Promise<readonly ThroughputRow[]> {
    return readThroughput(this.db, { bucket, since }, filter)
  }

  watches(since: string): Promise<readonly Watch[]> {
    return readWatches(this.db, since)
  }

  async lease(name: string): Promise<LeaseRow | undefined> {
    const row = await this.db.get('SELECT holder, token, beat, ttl_ms FROM leases WHERE name = $1', name)
    if (row === undefined) return undefined
    const [token, beat, ttlMs] = [number(row['token']), number(row['beat']), number(row['ttl_ms'])]
    return { name, holder: textOrNull(row['holder']), token, beat, ttlMs }
  }

  dump(table: DumpTable, after: DumpRow | null, limit: number): Promise<readonly DumpRow[]> {
    return dumpRows(this.db, table, after, limit)
  }

  async setting(key: string): Promise<string | undefined> {
    const row = await this.db.get('SELECT value FROM settings WHERE key = $1', key)
    return row && text(row['value'])
  }
}
