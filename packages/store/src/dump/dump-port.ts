import type { DumpRow, DumpTable } from './tables.ts'

/** How everything that a store holds is taken from one into another. */
export interface DumpReader {
  /** The next rows of a table by its key, after a key if one is given: the same of every database that holds the same. */
  dump(table: DumpTable, after: DumpRow | null, limit: number): Promise<readonly DumpRow[]>
}

export interface DumpWriter {
  /** Takes in rows as `dump` gave them. None of them may be there yet, and all that they refer to must be. */
  load(table: DumpTable, rows: readonly DumpRow[]): Promise<void>
  /** Forgets all rows of a table, but for those of `APPEND_ONLY`, where it fails. None may be left that refers to one of them. */
  emptyTable(table: DumpTable): Promise<void>
}
