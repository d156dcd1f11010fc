import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeIdSchema } from '@causeway/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { digestTable, openSqliteMetadataStore, tablesToCopy } from '@causeway/store'
import { createCoordinator } from '../coordinator.ts'
import { openDataDirectory } from '../stores/data-directory.ts'
import { openStores } from '../stores/open-stores.ts'
import { createOf, DEFAULT_FOLDER, fileOf } from '../test-support/running.ts'
import { readMovingRequest, type MovingCommand } from './moving-options.ts'
import { runMoving } from './run-moving.ts'

const LAPTOP = NodeIdSchema.parse('laptop')

test('an installation that is moved to another directory has every file, and the old one refuses to be served', async () => {
  const [old, there] = [await dataWith(['one', 'two', 'large '.repeat(5000)]), await emptyPlace()]
  const held = await filesIn(old)
  const said = await run('migrate', '--data', old, '--to-data', there)
  expect(said.join('\n')).toMatch(/Moved 1 folders with 3 files and 3 versions.*every row and every chunk was compared/)
  expect(said.join('\n')).toContain(`causeway serve --data ${there}`)
  expect(await filesIn(there)).toEqual(held)
  expect(held).toHaveLength(3)
  for (const file of ['coordinator.json', 'admin.token']) {
    expect(await readFile(join(there, file), 'utf8')).toBe(await readFile(join(old, file), 'utf8'))
  }
  expect((await stat(there)).mode & 0o077).toBe(0)
  await expect(start(old)).rejects.toMatchObject({
    code: 'store-mismatch',
    message: expect.stringMatching(new RegExp(`moved to ${there}.*migrate --reopen --data ${old}`)),
  })
  // There and back, as often as wanted.
  const back = await emptyPlace()
  await add(there, 'later')
  await run('migrate', '--data', there, '--to-data', back)
  expect(await filesIn(back)).toEqual([...held, 'later'].toSorted())
})

test('an old place is opened again when a person says so, and says what that means', async () => {
  const [old, there] = [await dataWith(['one']), await emptyPlace()]
  await run('migrate', '--data', old, '--to-data', there)
  await expect(run('migrate', '--data', old, '--to-data', await emptyPlace())).rejects.toThrow(/was already moved to/)
  expect((await run('migrate', '--data', old, '--reopen')).join()).toMatch(/can be served again.*must not be served/)
  expect(await filesIn(old)).toEqual(['one'])
})

test('a dry run says how much there is, and changes nothing', async () => {
  const [old, there] = [await dataWith(['one', 'two']), await emptyPlace()]
  const before = await digestOf(old)
  const said = await run('migrate', '--data', old, '--to-data', there, '--dry-run')
  expect(said.join('\n')).toMatch(/Would copy.*2 files and 2 versions.*in 2 chunks/s)
  expect(await digestOf(old)).toEqual(before)
  await expect(readdir(there)).rejects.toMatchObject({ code: 'ENOENT' })
})

test('nothing is moved while a coordinator runs, and nothing over another installation', async () => {
  const [old, other] = [await dataWith(['one']), await dataWith(['other'])]
  const running = await start(old)
  const there = await emptyPlace()
  await expect(run('migrate', '--data', old, '--to-data', there)).rejects.toMatchObject({ code: 'state-locked' })
  await running.end()
  await expect(run('migrate', '--data', old, '--to-data', other)).rejects.toMatchObject({ code: 'already-exists' })
  expect(await filesIn(other)).toEqual(['other'])
  expect(await filesIn(old)).toEqual(['one'])
  await expect(run('migrate', '--data', there, '--to-data', other)).rejects.toThrow(/there is no coordinator in/)
})

test('a copy that is not finished is not served, and the same command finishes it', async () => {
  const [old, there] = [await dataWith(['one', 'two']), await emptyPlace()]
  await expect(
    run('migrate', '--data', old, '--to-data', there, (line) => {
      if (line.startsWith('copying contents')) throw new Error('killed')
    }),
  ).rejects.toThrow('killed')
  await expect(start(there)).rejects.toMatchObject({
    code: 'store-mismatch',
    message: expect.stringContaining('never finished'),
  })
  await run('migrate', '--data', old, '--to-data', there)
  expect(await filesIn(there)).toEqual(['one', 'two'])
})

test('a backup is of one moment while the coordinator runs on, and is restored with every file', async () => {
  const data = await dataWith(['one', 'two'])
  const [copy, restored] = [await emptyPlace(), await emptyPlace()]
  const running = await start(data)
  const said = await run('backup', '--data', data, '--to', copy, (line) => {
    if (line.startsWith('copying contents')) void running.add('later')
  })
  expect(said.join('\n')).toMatch(/Backed up .*2 files.*causeway restore --from/s)
  await running.end()
  await expect(start(copy)).rejects.toMatchObject({ message: expect.stringContaining('is a backup of') })
  await run('restore', '--from', copy, '--data', restored)
  expect(await filesIn(restored)).toEqual(['one', 'two'])
  expect(await filesIn(data)).toEqual(['later', 'one', 'two'])
  await expect(run('backup', '--data', data, '--to', copy)).rejects.toMatchObject({ code: 'already-exists' })
  await expect(run('restore', '--from', data, '--data', await emptyPlace())).rejects.toThrow(/is no finished backup/)
})

test('slips are found before anything is touched', () => {
  const read = (command: MovingCommand, ...args: string[]) => readMovingRequest(command, args, {})
  expect(() => read('migrate', '--data', '/d')).toThrow(/the database would stay where it is/)
  expect(() => read('migrate', '--data', '/d', '--to-chunks', 's3://packs/p?region=r')).toThrow(
    /the database would stay/,
  )
  expect(() => read('migrate')).toThrow('needs --data DIR')
  expect(() => read('backup', '--data', '/d')).toThrow('needs --to DIR')
  expect(() => read('backup', '--data', '/d', '--to-data', '/e')).toThrow('does not know --to-data')
  expect(() => read('migrate', '--data', '/d', '--to-database', 'mysql://x')).toThrow('postgres://')
  expect(read('migrate', '--data', '/d', '--to-database', 'postgres://h/n')).toMatchObject({
    to: { dataDirectory: '/d', databaseUrl: 'postgres://h/n', chunks: undefined },
  })
})

async function run(command: MovingCommand, ...args: (string | ((line: string) => void))[]): Promise<string[]> {
  const said: string[] = []
  const flags = args.filter((arg) => typeof arg === 'string')
  const hear = args.find((arg) => typeof arg === 'function')
  await runMoving(readMovingRequest(command, flags, {}), (line) => {
    said.push(line)
    hear?.(line)
  })
  return said
}

interface Started {
  add(text: string): Promise<void>
  /** What all files hold, by the versions that the log knows and the bytes that the packs give. */
  files(): Promise<string[]>
  end(): Promise<void>
}

async function start(path: string): Promise<Started> {
  const closers: (() => Promise<void>)[] = []
  const end = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  onTestFinished(end)
  const data = await openDataDirectory(path)
  const { id, metadata, packs } = await openStores({
    data,
    databasePath: join(path, 'coordinator.sqlite'),
    rebuild: false,
    opened: (close) => closers.push(close),
  }).catch(async (error: unknown) => {
    await end()
    throw error
  })
  const coordinator = createCoordinator({ id, logKey: '5e'.repeat(32), metadata, packs })
  closers.push(async () => coordinator.contents.close())
  await coordinator.folders.ensure(DEFAULT_FOLDER)
  const at = '2026-11-22T12:00:00.000Z'
  const about = { name: 'laptop', address: '', port: 0, publicKey: null, capabilities: [], watchDirectories: [] }
  await metadata.write(async (tx) => {
    if ((await tx.node(LAPTOP)) !== undefined) return
    await tx.putNode({ id: LAPTOP, ...about, version: '0', registeredAt: at, lastSeenAt: at, revoked: false })
    const member = { folder: DEFAULT_FOLDER, node: LAPTOP, access: 'read-write', applied: 0, clock: {}, paused: false }
    await tx.putMembership({ ...member, access: 'read-write' })
  })
  return {
    async add(text) {
      const { content, named } = fileOf(text)
      const counter = ((await metadata.read((tx) => tx.folder(DEFAULT_FOLDER)))?.head ?? 0) + 1
      const operations = [createOf(LAPTOP, counter, `file ${counter}`, content)]
      const request = { clock: {}, operations, manifests: [], approved: false, contents: [named] }
      const { outcomes } = await coordinator.commits.commit(DEFAULT_FOLDER, LAPTOP, request)
      expect(outcomes[0]?.kind).not.toBe('refused')
    },
    async files() {
      const found: string[] = []
      const versions = await metadata.read(async (tx) => {
        const rows = []
        for await (const row of tx.versionsAsOf(DEFAULT_FOLDER, 1000)) rows.push(row)
        return rows
      })
      for (const { state } of versions) {
        if (state.content.kind !== 'file') continue
        const pieces: Uint8Array[] = []
        for await (const piece of await coordinator.contents.read({ ...state.content, folder: DEFAULT_FOLDER }))
          pieces.push(piece)
        found.push(Buffer.concat(pieces).toString())
      }
      return found.toSorted()
    },
    end,
  }
}

async function filesIn(data: string): Promise<string[]> {
  const running = await start(data)
  const files = await running.files()
  await running.end()
  return files
}

async function add(data: string, text: string): Promise<void> {
  const running = await start(data)
  await running.add(text)
  await running.end()
}

async function dataWith(texts: readonly string[]): Promise<string> {
  const data = await emptyPlace()
  const running = await start(data)
  for (const text of texts) await running.add(text)
  await running.end()
  return data
}

/** Every file, and every row of the database: its file changes with being opened. */
async function digestOf(data: string): Promise<Readonly<Record<string, string>>> {
  const files = (await readdir(data, { recursive: true, withFileTypes: true })).filter((file) => file.isFile())
  const found: Record<string, string> = {}
  for (const { parentPath, name } of files) {
    if (name.includes('sqlite') || name === 'lock') continue
    found[join(parentPath, name)] = createHash('sha256')
      .update(await readFile(join(parentPath, name)))
      .digest('hex')
  }
  const metadata = await openSqliteMetadataStore({ path: join(data, 'coordinator.sqlite') })
  for (const table of tablesToCopy({ withPlaces: true })) {
    found[table] = (await metadata.read((tx) => digestTable(tx, table, new Set()))).sha256
  }
  await metadata.close()
  return found
}

/** Where nothing is yet. */
async function emptyPlace(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'coordinator-moving-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return join(path, 'data')
}
