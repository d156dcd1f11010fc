import { SyncError } from '@causeway/protocol'
import type { Connection } from './connection.ts'
import { migrate } from './migrate.ts'

/**
 * Makes the one connection that writes ready: durable commits, a sound
 * database in the newest format. Throws `io-error` on damage and
 * `newer-format` on a format that is not known here.
 */
export function prepareWriter(writer: Connection, path: string): void {
  writer.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -65536;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
  `)
  const verdict = writer.get('PRAGMA quick_check(1)')?.['quick_check']
  if (verdict !== 'ok') {
    throw new SyncError('io-error', `cannot use the database ${path}: it is damaged (${String(verdict)})`)
  }
  migrate(writer, path)
}
