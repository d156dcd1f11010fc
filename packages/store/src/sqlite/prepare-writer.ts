import { SyncError } from '@causeway/protocol'
import type { Connection } from './connection.ts'
import { migrate } from './migrate.ts'
import { number } from './values.ts'

/**
 * Makes the one connection that writes ready: durable commits, a sound
 * database in the newest format. Throws `io-error` on damage and
 * `newer-format` on a format that is not known here.
 */
export function prepareWriter(writer: Connection, path: string): void {
  // Counts only before the first table is made.
  writer.exec(`
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32768;
    PRAGMA wal_autocheckpoint = 4000;
    PRAGMA journal_size_limit = 67108864;
  `)
  const verdict = writer.get('PRAGMA quick_check(1)')?.['quick_check']
  if (verdict !== 'ok') {
    throw new SyncError('io-error', `cannot use the database ${path}: it is damaged (${String(verdict)})`)
  }
  migrate(writer, path)
  rewriteSparse(writer)
}

const SPARSE_SHARE = 0.25
const SPARSE_BYTES = 16 * 1024 * 1024

/** A database from before free pages could be given back in steps is written anew once, where that is worth it. */
function rewriteSparse(writer: Connection): void {
  if (pragma(writer, 'auto_vacuum') !== 0) return
  const free = pragma(writer, 'freelist_count')
  if (free < pragma(writer, 'page_count') * SPARSE_SHARE || free * pragma(writer, 'page_size') < SPARSE_BYTES) return
  writer.exec('PRAGMA auto_vacuum = INCREMENTAL; VACUUM')
}

const PAGES_A_STEP = 512
/** So many free pages, or such a share of all, are soon in use again. */
const KEPT_PAGES = 256
const KEPT_SHARE = 0.05

/** Gives some free pages back. Returns the bytes; 0 where there is nothing worth it. Outside any transaction only. */
export function giveBackPages(writer: Connection): number {
  if (pragma(writer, 'auto_vacuum') === 0) return 0
  const pages = pragma(writer, 'page_count')
  const spare = pragma(writer, 'freelist_count') - Math.max(KEPT_PAGES, Math.floor(pages * KEPT_SHARE))
  if (spare <= 0) return 0
  writer.exec(`PRAGMA incremental_vacuum(${Math.min(spare, PAGES_A_STEP)})`)
  return (pages - pragma(writer, 'page_count')) * pragma(writer, 'page_size')
}

function pragma(writer: Connection, name: string): number {
  return number(writer.get(`PRAGMA ${name}`)?.[name])
}
