import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  isSyncError,
  type ContentHash,
  type EntryId,
  type ErrorCode,
  type FolderId,
  type NodeId,
} from '@causeway/protocol'
import { replicaStateConformance } from '@causeway/testkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openReplicaState, type OpenReplicaState } from './open-replica-state.ts'

const FOLDER = 'documents' as FolderId
const NODE = 'laptop' as NodeId

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'causeway-state-'))
  path = join(directory, 'state.db')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function open(): OpenReplicaState {
  return openReplicaState({ path, folder: FOLDER, node: NODE })
}

replicaStateConformance('a database in memory', (names) => openReplicaState({ path: ':memory:', ...names }))
replicaStateConformance('a database on disk', (names) => openReplicaState({ path, ...names }))

function expectRefused(work: () => unknown, code: ErrorCode, message: RegExp): void {
  let thrown: unknown
  try {
    work()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toSatisfy((error) => isSyncError(error, code))
  expect(String(thrown)).toMatch(message)
}

/** Runs a script that has `open()` and `path`, in a process of its own. */
function scriptOf(body: string): string[] {
  const module = JSON.stringify(new URL('./open-replica-state.ts', import.meta.url).href)
  const script = `
    import { openReplicaState } from ${module}
    const path = process.argv[1]
    const open = () => openReplicaState({ path, folder: 'documents', node: 'laptop' })
    ${body}`
  return ['--input-type=module', '-e', script, path]
}

describe('a state on disk', () => {
  test('what was put is there when it is opened again', () => {
    const first = open()
    first.setCursor({ epoch: 'e', seq: 3, tag: 't' })
    first.putSetting('nonce', 'n')
    first.close()
    const again = open()
    expect([again.cursor().seq, again.setting('nonce')]).toEqual([3, 'n'])
    again.close()
  })

  test('counters go on without a gap after it was closed', () => {
    const first = open()
    expect(first.takeCounters(5)).toBe(1)
    first.close()
    const again = open()
    expect(again.takeCounters(1)).toBe(6)
    again.close()
  })

  test('it opens for one at a time: neither again here nor in another process', () => {
    const first = open()
    expectRefused(open, 'state-locked', /another process uses the state/)
    const output = execFileSync(
      process.execPath,
      scriptOf(`try { open(); console.log('opened') } catch (error) { console.log(error.code) }`),
      { encoding: 'utf8' },
    )
    expect(output.trim()).toBe('state-locked')
    first.close()
    open().close()
  })

  test('a process that is killed hands out no counter that the next one hands out again', async () => {
    const child = spawn(
      process.execPath,
      scriptOf(
        `const state = open(); for (;;) { console.log(String(state.takeCounters(700))); await new Promise((resolve) => setTimeout(resolve, 5)) }`,
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    let output = ''
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (data) => {
        output += String(data)
        if (output.split('\n').length > 4) resolve()
      })
    })
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const taken = output.trim().split('\n').map(Number)
    expect(taken.slice(0, 3)).toEqual([1, 701, 1401])
    const state = open()
    expect(state.takeCounters(1)).toBeGreaterThanOrEqual(Math.max(...taken) + 700)
    state.close()
  })

  test.each([
    ['counter file', () => rmSync(`${path}-counter`)],
    ['database', () => ['', '-wal', '-shm'].forEach((suffix) => rmSync(path + suffix, { force: true }))],
  ])('counters stay spent though the %s was lost', (_what, lose) => {
    const first = open()
    first.takeCounters(2500)
    first.close()
    lose()
    const again = open()
    expect(again.takeCounters(1)).toBeGreaterThan(2500)
    again.close()
  })

  test("another folder's or node's state is refused, and so is a newer format", () => {
    open().close()
    expectRefused(
      () => openReplicaState({ path, folder: 'other' as FolderId, node: NODE }),
      'io-error',
      /belongs to the folder documents, not to other/,
    )
    expectRefused(
      () => openReplicaState({ path, folder: FOLDER, node: 'phone' as NodeId }),
      'io-error',
      /belongs to the node laptop, not to phone/,
    )
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expectRefused(open, 'newer-format', /written by a newer version \(format 99\)/)
  })

  test('files that are no state are refused, not overwritten', () => {
    writeFileSync(path, 'this is not a database, but long enough to be looked at as one'.repeat(20))
    expectRefused(open, 'io-error', /cannot open the state/)
    expect(readFileSync(path, 'utf8')).toMatch(/^this is not/)
    rmSync(path)
    writeFileSync(`${path}-counter`, 'garbage')
    expectRefused(open, 'io-error', /counter file .* is damaged/)
  })
})

/** What the first version made, to the letter. */
const FORMAT_1 = `
  CREATE TABLE base (
    id TEXT PRIMARY KEY,
    parent TEXT NOT NULL,
    name TEXT NOT NULL,
    hash_key INTEGER,
    device INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    birthtime_ns INTEGER NOT NULL,
    body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX base_by_place ON base (parent, name);
  CREATE INDEX base_by_inode ON base (inode);
  CREATE INDEX base_by_hash ON base (hash_key) WHERE hash_key IS NOT NULL;
  CREATE TABLE pending (id TEXT PRIMARY KEY, seq INTEGER NOT NULL, parent TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE INDEX pending_by_seq ON pending (seq);
  CREATE INDEX pending_by_parent ON pending (parent);
  CREATE TABLE tombstone (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE fact (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  INSERT INTO fact VALUES ('folder', '${FOLDER}'), ('node', '${NODE}'), ('counter', '41');
  INSERT INTO setting VALUES ('nonce', 'n');
  INSERT INTO base VALUES ('laptop.1', 'root', 'notes', 3020060926589626, 1, 2, 3,
    '[{"laptop":1},{"kind":"file","hash":"${'ab'.repeat(32)}","size":3,"mode":420,"mtimeNs":"5"},{"laptop":1},{},0,"file",3,420,"5","6","3","2","1"]');
  PRAGMA user_version = 1`

describe('a state of format 1', () => {
  test('opens with all that it held, and keeps chunk lists from then on', () => {
    const database = new DatabaseSync(path)
    database.exec(FORMAT_1)
    database.close()
    const content = 'ab'.repeat(32) as ContentHash
    const list = new Uint8Array(36)
    const first = open()
    expect(first.base('laptop.1' as EntryId)).toMatchObject({ name: 'notes', stat: { inode: 2n, ctimeNs: 6n } })
    expect([first.setting('nonce'), first.takeCounters(1)]).toEqual(['n', 42])
    expect(first.chunkList(content)).toBeUndefined()
    first.putChunkList(content, list)
    first.pruneChunkLists()
    first.close()
    const again = open()
    expect(again.baseByHash(content)?.name).toBe('notes')
    expect(again.chunkList(content)).toEqual(list)
    again.close()
  })
})

/** What the second version added, to the letter. */
const FORMAT_2 = `
  CREATE TABLE chunk_list (
    content TEXT PRIMARY KEY,
    hash_key INTEGER NOT NULL,
    chunks BLOB NOT NULL,
    fixed_blocks BLOB
  );
  INSERT INTO chunk_list VALUES ('${'ab'.repeat(32)}', 3020060926589626, X'010203', X'0A0B0C0D');
  PRAGMA user_version = 2`

describe('a state of format 2', () => {
  test('keeps its chunk lists, and drops the checksums of fixed blocks beside them', () => {
    const database = new DatabaseSync(path)
    database.exec(`${FORMAT_1}; ${FORMAT_2}`)
    database.close()
    const state = open()
    expect(state.chunkList('ab'.repeat(32) as ContentHash)).toEqual(Uint8Array.of(1, 2, 3))
    state.putChunkList('cd'.repeat(32) as ContentHash, Uint8Array.of(4))
    expect(state.chunkListNames()).toHaveLength(2)
    state.close()
    const after = new DatabaseSync(path)
    const columns = after.prepare('PRAGMA table_info(chunk_list)').all()
    expect(columns.map(({ name }) => name)).toEqual(['content', 'hash_key', 'chunks'])
    after.close()
  })
})

describe('a state from before versions had positions', () => {
  const CURSOR = JSON.stringify({ epoch: 'e', seq: 7, tag: 't' })
  const NEWEST = JSON.stringify({ epoch: 'e', seq: 9, tag: 'u' })
  const tombstone = (id: string, seq: number) => JSON.stringify({ id, seq, name: 'gone', deleted: true })
  const POSITIONS = `${FORMAT_1}; ${FORMAT_2};
    INSERT INTO fact VALUES ('cursor', '${CURSOR}');
    INSERT INTO tombstone VALUES ('laptop.2', '${tombstone('laptop.2', 1)}'), ('phone.1', '${tombstone('phone.1', 5)}')`

  test('takes what it holds for what the coordinator held at the newest position that the node was given', () => {
    const database = new DatabaseSync(path)
    database.exec(`${POSITIONS}; INSERT INTO setting VALUES ('newest-position', '${NEWEST}')`)
    database.close()
    const first = open()
    expect(first.base('laptop.1' as EntryId)).toMatchObject({ name: 'notes', seq: 9, stat: { inode: 2n } })
    expect(first.tombstone('laptop.2' as EntryId)?.seq).toBe(9)
    expect(first.tombstone('phone.1' as EntryId)?.seq).toBe(5)
    const base = first.base('laptop.1' as EntryId)
    if (base !== undefined) first.putBase({ ...base, seq: 12 })
    first.close()
    const again = open()
    expect([again.base('laptop.1' as EntryId)?.seq, again.cursor().seq]).toEqual([12, 7])
    again.close()
  })

  test('whose node was given no position but its cursor goes by that', () => {
    const database = new DatabaseSync(path)
    database.exec(POSITIONS)
    database.close()
    const state = open()
    expect(state.base('laptop.1' as EntryId)?.seq).toBe(7)
    state.close()
  })
})
