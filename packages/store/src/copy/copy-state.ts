import { createHash } from 'node:crypto'
import { isDumpTable, type DumpCell, type DumpRow, type DumpTable } from '../dump/tables.ts'
import type { MetadataReader } from '../metadata-store.ts'
import { digestTable } from './table-digest.ts'

/** The setting by which a store knows that it is the unfinished copy of another. */
export const COPYING = 'copying'

/** How far a copy has come. It is kept in the new store, by the transaction that took it there. */
export interface CopyState {
  /** What the source held when the tables were begun: a source that has gone on since is copied from the beginning. */
  readonly stamp: string
  /** Where the next rows belong; null once all tables are there. */
  readonly at: { readonly table: DumpTable; readonly after: DumpRow | null } | null
}

/** What a copy was begun of; undefined in a store that is none, or that is finished. */
export async function copyState(tx: MetadataReader): Promise<CopyState | undefined> {
  const text = await tx.setting(COPYING)
  if (text === undefined || text === '') return undefined
  const { stamp, at }: { stamp: string; at: { table: string; after: unknown[] | null } | null } = JSON.parse(text)
  if (at === null || !isDumpTable(at.table)) return { stamp, at: null }
  return { stamp, at: { table: at.table, after: at.after?.map(readCell) ?? null } }
}

export function copyStateText({ stamp, at }: CopyState): string {
  return JSON.stringify({ stamp, at: at && { table: at.table, after: at.after?.map(writtenCell) ?? null } })
}

/** Tables that show whether anything happened at all. */
const STAMPED = ['settings', 'folders', 'memberships', 'assignments', 'invites', 'sequences'] as const

/** Changes with everything that a coordinator writes for its users. */
export async function stampOf(tx: MetadataReader, leaves: ReadonlySet<string>): Promise<string> {
  const hash = createHash('sha256')
  for (const table of STAMPED) hash.update((await digestTable(tx, table, leaves)).sha256)
  return hash.digest('hex')
}

function writtenCell(cell: DumpCell): unknown {
  return cell instanceof Uint8Array ? { hex: Buffer.from(cell).toString('hex') } : cell
}

function readCell(cell: unknown): DumpCell {
  if (typeof cell === 'string' || typeof cell === 'number') return cell
  if (typeof cell === 'object' && cell !== null && 'hex' in cell) return Buffer.from(String(cell.hex), 'hex')
  return null
}
