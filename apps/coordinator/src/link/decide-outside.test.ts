import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { entryIdOf, FolderIdSchema, ROOT_ID, type NodeId, type Operation } from '@causeway/protocol'
import { openMemoryPackStore, type MetadataReader, type MetadataStore } from '@causeway/store'
import { InProcess, refusalOf } from '../test-support/in-process.ts'
import { createOf, DEFAULT_FOLDER, fileOf } from '../test-support/running.ts'

const OTHER = FolderIdSchema.parse('other')
const scratch = await mkdtemp(join(tmpdir(), 'causeway-outside-'))
afterAll(() => rm(scratch, { recursive: true }))

let world: InProcess
let ash: NodeId
/** What the store was asked for, in order. */
let calls: string[] = []
/** Called while rows of a folder are loaded for a commit. */
let onLoad: (folder: string) => Promise<void> = async () => {}
let count = 0

beforeEach(async () => {
  onLoad = async () => {}
  const path = join(scratch, `${++count}.db`)
  world = await InProcess.open({ packs: openMemoryPackStore(), clock: { now: () => 0 }, path, around: watched })
  await world.coordinator.folders.ensure(DEFAULT_FOLDER)
  await world.coordinator.folders.ensure(OTHER)
  ash = await world.enrol('ash')
  const about = { access: 'read-write', applied: 0, clock: {}, paused: false } as const
  await world.metadata.write((tx) => tx.putMembership({ folder: OTHER, node: ash, ...about }))
})

afterEach(() => world.metadata.close())

/** A store that tells each call that would cross the network to a database. */
function watched(store: MetadataStore): MetadataStore {
  const seen = <Tx extends MetadataReader>(tx: Tx): Tx =>
    new Proxy(tx, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]) => {
          calls.push(String(name))
          if (name === 'loadForCommit') await onLoad(String(args[0]))
          return Reflect.apply(value, target, args)
        }
      },
    })
  return {
    read: (work) => store.read((tx) => work(seen(tx))),
    write: (work) => store.write((tx) => work(seen(tx))),
    giveBackSpace: () => store.giveBackSpace(),
    close: () => store.close(),
  }
}

test('while a commit to one folder is being decided, another folder takes commits', async () => {
  const loading = Promise.withResolvers<void>()
  const decided = Promise.withResolvers<void>()
  onLoad = async (folder) => {
    if (folder !== DEFAULT_FOLDER) return
    loading.resolve()
    await decided.promise
  }
  const slow = world.save(ash, 1, 'slow')
  await loading.promise
  const { content, named } = fileOf('quick')
  const operations = [createOf(ash, 1, 'quick', content)]
  const request = { clock: {}, operations, contents: [named], manifests: [], approved: false }
  const quick = await world.coordinator.commits.commit(OTHER, ash, request)
  expect(quick.receipt?.seq).toBe(1)
  decided.resolve()
  expect(refusalOf(await slow)).toBeNull()
})

test('a node whose rights end while its commit is decided is refused', async () => {
  let loads = 0
  onLoad = async () => {
    if (++loads === 1) await world.metadata.write((tx) => tx.revokeNode(ash))
  }
  await expect(world.save(ash, 1, 'late')).rejects.toThrow(expect.objectContaining({ code: 'not-allowed' }))
})

test('a commit of one file takes a handful of round trips', async () => {
  calls = []
  await world.save(ash, 1, 'note')
  expect(calls).toEqual(['chunks', 'loadForCommit', 'applyFolderWrites'])
})

test('a commit of hundreds of files takes no more of them', async () => {
  const files = Array.from({ length: 300 }, (_, index) => fileOf(`file ${index}`))
  const operations: Operation[] = files.map(({ content }, index) => createOf(ash, index + 1, `file ${index}`, content))
  calls = []
  await world.commit(ash, operations, { contents: files.map(({ named }) => named) })
  expect(calls).toEqual(['chunks', 'loadForCommit', 'applyFolderWrites'])
})

test('a delete of a directory asks once more, for what lies in it', async () => {
  const directory = entryIdOf(ash, 1)
  const mode = { kind: 'directory', mode: 0o755 } as const
  const inside = { parent: directory, name: 'inside' }
  const { content, named } = fileOf('inside')
  await world.commit(
    ash,
    [
      { kind: 'create', counter: 1, entry: directory, place: { parent: ROOT_ID, name: 'docs' }, content: mode },
      { kind: 'create', counter: 2, entry: entryIdOf(ash, 2), place: inside, content },
    ],
    { contents: [named] },
  )
  calls = []
  const seen = { seenContent: { [ash]: 1 }, seenPlace: { [ash]: 1 } }
  const gone: Operation = { kind: 'delete', counter: 3, entry: directory, subtree: true, ...seen }
  const { outcomes } = await world.commit(ash, [gone], { clock: { [ash]: 2 } })
  expect(outcomes.map(({ kind }) => kind)).not.toContain('refused')
  expect(calls.slice(0, -1).every((name) => name === 'loadForCommit')).toBe(true)
  expect(calls.length).toBeLessThanOrEqual(4)
})

test('a repeat of a commit is answered without a write', async () => {
  const first = await world.save(ash, 1, 'note')
  calls = []
  expect(await world.save(ash, 1, 'note')).toEqual(first)
  expect(calls).toEqual(['chunks', 'loadForCommit'])
})
