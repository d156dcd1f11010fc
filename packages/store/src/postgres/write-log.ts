import { toldState } from '@causeway/engine'
import { SyncError } from '@causeway/protocol'
import type { FolderWrites } from '../metadata-store.ts'
import { registersCell } from '../sqlite/rows.ts'
import { timeCell } from '../sqlite/values.ts'
import type { Connection } from './connection.ts'
import { STATE_TYPES, stateRow } from './rows.ts'

const VERSION_TYPES = {
  folder: 'bigint',
  registers: 'integer',
  node: 'text',
  counter: 'bigint',
  at_ms: 'bigint',
  ...STATE_TYPES,
}

/** Moves a folder's head on, and writes what belongs to the log beside its entries and events. */
export async function writeLog(db: Connection, key: number, writes: FolderWrites): Promise<void> {
  await Promise.all([
    moveHead(db, key, writes),
    db.insert('versions', VERSION_TYPES, versionRows(key, writes)),
    writeAliases(db, key, writes),
    writeConflicts(db, key, writes),
    writeOutcomes(db, key, writes),
  ])
}

async function moveHead(db: Connection, key: number, writes: FolderWrites): Promise<void> {
  const { head, tag, at, halted } = writes
  const clock = JSON.stringify(writes.clock)
  const sql = `UPDATE folders SET head = $2, tag = $3, clock = $4, revision = revision + 1,
    halted = CASE WHEN $5::boolean THEN $6 ELSE halted END WHERE key = $1`
  const moved = db.run(sql, key, head, tag, clock, String(halted !== undefined), halted ?? null)
  // Position 0 is the start that every log shares. A mark keeps its first time: the position was reached then.
  const mark = `INSERT INTO log_marks (folder, seq, tag, clock, at_ms) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (folder, seq) DO UPDATE SET tag = excluded.tag, clock = excluded.clock`
  const marked = head === 0 ? undefined : db.run(mark, key, head, tag, clock, timeCell(at))
  await Promise.all([moved, marked])
}

function versionRows(key: number, { versions }: FolderWrites) {
  return versions.map((version) => {
    if (version.state.seq !== version.seq || version.state.id !== version.entry) {
      throw new SyncError('internal', `version ${version.seq} of ${version.entry} carries the state of another`)
    }
    const { registers, node, counter, at, state } = version
    return [key, registersCell(registers), node, counter, timeCell(at), ...stateRow(toldState(state))]
  })
}

async function writeAliases(db: Connection, key: number, { aliases }: FolderWrites): Promise<void> {
  const last = new Map(aliases.map(({ alias, entry }) => [alias, entry]))
  const rows = [...last].map(([alias, entry]) => [key, alias, entry])
  const tail = 'ON CONFLICT (folder, alias) DO UPDATE SET entry = excluded.entry'
  await db.insert('aliases', { folder: 'bigint', alias: 'text', entry: 'text' }, rows, tail)
}

async function writeConflicts(db: Connection, key: number, { settled, conflicts }: FolderWrites): Promise<void> {
  const settle = `UPDATE conflicts SET settled = $2
    WHERE folder = $1 AND settled IS NULL AND (copy = $3 OR rival = $3)`
  const steps = settled.map(({ entry, how }) => db.run(settle, key, how, entry))
  const last = new Map(conflicts.map((conflict) => [conflict.copy, conflict]))
  const rows = [...last.values()].map(({ copy, rival, at }) => [key, copy, rival, at])
  const types = { folder: 'bigint', copy: 'text', rival: 'text', at: 'text' }
  const tail = `ON CONFLICT (folder, copy) DO UPDATE SET rival = excluded.rival, at = excluded.at, settled = NULL`
  await Promise.all([...steps, db.insert('conflicts', types, rows, tail)])
}

async function writeOutcomes(db: Connection, key: number, { outcomes }: FolderWrites): Promise<void> {
  const last = new Map(outcomes.map((one) => [`${one.node} ${one.counter}`, one]))
  const rows = [...last.values()].map(({ node, counter, outcome }) => [key, node, counter, outcome])
  const types = { folder: 'bigint', node: 'text', counter: 'bigint', outcome: 'bytea' }
  const tail = 'ON CONFLICT (folder, node, counter) DO UPDATE SET outcome = excluded.outcome'
  await db.insert('outcomes', types, rows, tail)
}
