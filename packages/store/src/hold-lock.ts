import { ensurePrivateFile } from '@causeway/disk'
import { SyncError } from '@causeway/protocol'
import { DatabaseSync } from 'node:sqlite'
import { isBusy, sqliteError } from './sqlite/sqlite-error.ts'

export interface Lock {
  release(): void
}

/**
 * Takes a lock on a file (made where it is missing) that no other process can
 * take meanwhile, or throws `state-locked`. The system drops it when the
 * process ends, however it ends, so a stale lock can't be.
 */
export function holdLock(path: string): Lock {
  // Node has no file locks of its own; an exclusive transaction in an empty SQLite database is one.
  const database = open(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (cause) {
    database.close()
    if (!isBusy(cause)) throw sqliteError(`take the lock ${path}`, cause)
    throw new SyncError('state-locked', `cannot take the lock ${path}: another process has it`, { cause })
  }
  return {
    release: () => {
      if (database.isOpen) database.close()
    },
  }
}

function open(path: string): DatabaseSync {
  try {
    ensurePrivateFile(path)
    return new DatabaseSync(path)
  } catch (cause) {
    throw sqliteError(`take the lock ${path}`, cause)
  }
}
