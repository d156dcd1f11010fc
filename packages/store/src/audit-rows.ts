import type { AuditAction, AuditEntry } from '@causeway/protocol'

/** Who did what. Lines are added and never changed: the store refuses to. */
export interface AuditReader {
  /** Below a position (or the newest), newest first. */
  before(position: number | undefined, filter: AuditFilter, limit: number): Promise<readonly AuditEntry[]>
}

export interface AuditWriter extends AuditReader {
  /** Returns the entry with its position. */
  add(entry: NewAuditEntry): Promise<AuditEntry>
}

export type NewAuditEntry = Omit<AuditEntry, 'position'>

export interface AuditFilter {
  readonly action?: AuditAction
  /** The id of a person or node. */
  readonly actor?: string
}
