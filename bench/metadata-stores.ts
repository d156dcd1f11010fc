/**
 * What a small commit costs each metadata store, and what a file takes in it, in the same run on one machine:
 * `node bench/metadata-stores.ts`; with `--seconds 0`, the room alone.
 * PostgreSQL syncs to the same disk as SQLite, over loopback.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { NO_NEEDS } from '@causeway/engine'
import {
  ChunkIdSchema,
  ContentHashSchema,
  entryIdOf,
  FolderIdSchema,
  NodeIdSchema,
  onlyChunkOf,
  READING,
  ROOT_ID,
  type FolderId,
} from '@causeway/protocol'
import {
  openPostgresMetadataStore,
  openSqliteMetadataStore,
  type FolderWrites,
  type MetadataStore,
} from '@causeway/store'
import { startPostgres } from '../tests/support/postgres-server.ts'

const NODE = NodeIdSchema.parse('ash')
const AT = '2026-01-01T00:00:00.000Z'
/** Commits before any is counted: plans, caches and the first pages are made. */
const WARM_UP = 30

interface Load {
  readonly name: string
  /** Handles on the same database, as so many coordinators have. */
  readonly handles: number
  /** Each commits one file after the other to a folder of its own. */
  readonly writers: number
}

const LOADS: readonly Load[] = [
  { name: 'one after the other', handles: 1, writers: 1 },
  { name: '8 folders at once', handles: 1, writers: 8 },
  { name: '8 folders at once, by 2 handles', handles: 2, writers: 8 },
]

/** Enough that what tables take when they are empty counts for little. */
const FILES = 50_000

interface Figures {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' } } })
const seconds = Number(values.seconds)
const scratch = await mkdtemp(join(tmpdir(), 'causeway-metadata-'))
const server = await startPostgres({ isDurable: true })
try {
  if (seconds > 0) console.log('small commits (one new file, one event, one outcome), each durable when it is answered')
  for (const [at, load] of (seconds > 0 ? LOADS : []).entries()) {
    console.log(`\n${load.name}`)
    const postgres = await measure(load, () => openPostgresMetadataStore({ url: `${server.url}?schema=bench_${at}` }))
    console.log(`  PostgreSQL  ${line(postgres)}`)
    // Two handles of SQLite in one process would wait for each other on one thread.
    if (load.handles > 1) continue
    const sqlite = await measure(load, () => openSqliteMetadataStore({ path: join(scratch, `${at}.sqlite`) }))
    console.log(`  SQLite      ${line(sqlite)}`)
    console.log(`  PostgreSQL does ${(postgres.perSecond / sqlite.perSecond).toFixed(2)} times as many a second`)
  }
  console.log(`\nroom for each of ${FILES} files of one chunk and one version, indexes included`)
  const postgres = await openPostgresMetadataStore({ url: `${server.url}?schema=room` })
  const before = await server.sizeBytes()
  await fill(postgres)
  const filled = await server.sizeBytes()
  console.log(`  PostgreSQL  ${((filled - before) / FILES).toFixed(0)} bytes`)
  await addChunks(postgres)
  await postgres.close()
  console.log(`    for each further chunk ${(((await server.sizeBytes()) - filled) / FILES).toFixed(0)} bytes`)
  const path = join(scratch, 'room.sqlite')
  const sqlite = await openSqliteMetadataStore({ path })
  await fill(sqlite)
  await sqlite.close()
  console.log(`  SQLite      ${((await stat(path)).size / FILES).toFixed(0)} bytes`)
} finally {
  await server.stop()
  await rm(scratch, { recursive: true })
}

async function measure({ handles, writers }: Load, open: () => Promise<MetadataStore>): Promise<Figures> {
  const stores: MetadataStore[] = []
  for (let handle = 0; handle < handles; handle++) stores.push(await open())
  const [first] = stores
  if (first === undefined) throw new Error('no handle was opened')
  const folders = Array.from({ length: writers }, (_, at) => FolderIdSchema.parse(`folder-${at}`))
  for (const id of folders) await first.write((tx) => createFolder(tx, id))
  const took: number[] = []
  let until = Infinity
  const write = async (store: MetadataStore, folder: FolderId): Promise<void> => {
    for (let seq = 1; seq <= WARM_UP || performance.now() < until; seq++) {
      const began = performance.now()
      await commit(store, folder, seq)
      if (seq === WARM_UP) until = Math.min(until, performance.now() + seconds * 1000)
      if (seq > WARM_UP) took.push(performance.now() - began)
    }
  }
  await Promise.all(folders.map((folder, at) => write(stores[at % handles] ?? first, folder)))
  for (const store of stores) await store.close()
  const sorted = took.toSorted((a, b) => a - b)
  const quantile = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0
  return { perSecond: took.length / seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }
}

function createFolder(tx: Parameters<Parameters<MetadataStore['write']>[0]>[0], id: FolderId): Promise<void> {
  const settings = {
    deleteBrakeShare: 0.5,
    deleteBrakeMin: 20,
    keepAllDays: 30,
    keepThinnedDays: null,
    quotaBytes: null,
  }
  return tx.createFolder({
    id,
    name: id,
    epoch: 'e',
    head: 0,
    tag: '',
    clock: {},
    settings,
    halted: null,
    createdAt: AT,
  })
}

/** As those of large files: each with its row, and its place among what the folder has. */
async function addChunks(store: MetadataStore): Promise<void> {
  const folder = FolderIdSchema.parse('room')
  for (let first = 0; first < FILES; first += 1000) {
    const chunks = Array.from({ length: 1000 }, (_, at) => {
      const hash = ChunkIdSchema.parse(
        createHash('sha256')
          .update(`chunk ${first + at}`)
          .digest('hex'),
      )
      return { hash, pack: '00000002', offset: (first + at) * 1000, storedSize: 1000, size: 1000, compressed: false }
    })
    const decidedOn = await store.read((tx) => tx.removals())
    await store.write((tx) => tx.keepContents(folder, { decidedOn, chunks, manifests: [], claimed: [] }), folder)
  }
}

async function fill(store: MetadataStore): Promise<void> {
  const folder = FolderIdSchema.parse('room')
  await store.write((tx) => createFolder(tx, folder))
  for (let seq = 0, decidedOn = 0; seq < FILES; seq += 1000, decidedOn++) {
    const files = Array.from({ length: 1000 }, (_, at) => {
      const hash = createHash('sha256')
        .update(`${seq + at}`)
        .digest('hex')
      return writesOf({ folder, seq: seq + at + 1, hash, decidedOn })
    })
    const [last] = files.slice(-1)
    if (last === undefined) continue
    await store.write((tx) => tx.applyFolderWrites(together(files, last)), folder)
  }
}

function together(all: readonly FolderWrites[], last: FolderWrites): FolderWrites {
  return {
    ...last,
    states: all.flatMap(({ states }) => states),
    versions: all.flatMap(({ versions }) => versions),
    events: all.flatMap(({ events }) => events),
    outcomes: all.flatMap(({ outcomes }) => outcomes),
    contents: {
      decidedOn: 0,
      chunks: all.flatMap(({ contents }) => contents?.chunks ?? []),
      manifests: [],
      claimed: [],
    },
  }
}

/** Reads what a commit is decided on, and writes it, as the coordinator does. */
async function commit(store: MetadataStore, folder: FolderId, seq: number): Promise<void> {
  const place = { parent: ROOT_ID, name: `file ${seq}` }
  const hash = ContentHashSchema.parse(createHash('sha256').update(`${folder} ${seq}`).digest('hex'))
  const rows = { ...NO_NEEDS, entries: [entryIdOf(NODE, seq)], places: [place] }
  const needs = {
    node: NODE,
    counters: [seq],
    chunks: [onlyChunkOf(hash)],
    manifests: [],
    rows,
    reads: READING,
    deletesFrom: AT,
    sentFrom: AT,
  }
  const found = await store.read((tx) => tx.loadForCommit(folder, needs))
  if (found.folder === undefined) throw new Error('the folder is not there')
  const writes = writesOf({ folder, seq, hash, decidedOn: found.folder.revision })
  await store.write((tx) => tx.applyFolderWrites(writes), folder)
}

function writesOf(given: Pick<FolderWrites, 'folder' | 'decidedOn'> & { seq: number; hash: string }): FolderWrites {
  const { folder, decidedOn, seq } = given
  const entry = entryIdOf(NODE, seq)
  const hash = ContentHashSchema.parse(given.hash)
  const state = {
    id: entry,
    seq,
    parent: ROOT_ID,
    name: `file ${seq}`,
    placeVector: { ash: seq },
    content: { kind: 'file' as const, hash, size: 1000, mode: 0o644, mtimeNs: '1' },
    contentVector: { ash: seq },
    deleted: false,
    existenceVector: {},
  }
  const version = { folder, seq, entry, registers: ['content', 'place', 'existence'] as const, state }
  const clock = { ash: seq }
  const event = { folder, node: NODE, counter: seq, clock, kind: 'create' as const, entry, path: state.name }
  const decision = { pathBefore: null, decision: 'fast-forward' as const, reason: 'Nothing else was at this place.' }
  const place = { pack: '00000001', offset: seq * 1000, storedSize: 1000, size: 1000, compressed: false }
  const chunk = { hash: onlyChunkOf(hash), ...place }
  return {
    folder,
    decidedOn,
    head: seq,
    tag: `t${seq}`,
    clock,
    at: AT,
    states: [state],
    versions: [{ ...version, node: NODE, counter: seq, at: AT }],
    events: [{ ...event, ...decision, seq, entries: 1, sizeBytes: 1000, at: AT }],
    aliases: [],
    conflicts: [],
    settled: [],
    outcomes: [{ node: NODE, counter: seq, outcome: new Uint8Array(60) }],
    contents: { decidedOn: 0, chunks: [chunk], manifests: [], claimed: [] },
  }
}

function line({ perSecond, p50Ms, p99Ms }: Figures): string {
  const [p50, p99] = [p50Ms, p99Ms].map((ms) => ms.toFixed(1).padStart(6))
  return `${perSecond.toFixed(0).padStart(6)} commits/s   p50 ${p50} ms   p99 ${p99} ms`
}
