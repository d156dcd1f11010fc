import { createServer, connect, type Server } from 'node:net'
import { once } from 'node:events'
import pg from 'pg'
import { describe, expect, inject, onTestFinished, test } from 'vitest'
import { NO_SAVINGS } from '@causeway/protocol'
import { DOCS, folderRow, LAPTOP, NOON } from '../conformance/fixtures.ts'
import { freshSchema } from '../testing/fresh-schema.ts'
import { openPostgresMetadataStore } from './open-postgres-metadata-store.ts'
import { MIGRATIONS } from './schema.ts'

const PASSWORD = new URL(inject('postgresUrl')).password

async function refusal(url: string): Promise<Error> {
  const opening = openPostgresMetadataStore({ url }).then(
    () => undefined,
    (error: unknown) => error,
  )
  const error = await opening
  if (!(error instanceof Error)) throw new Error('it was opened')
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    for (const told of [at.message, at.stack ?? '', JSON.stringify(at)]) expect(told).not.toContain(PASSWORD)
  }
  return error
}

function changed(change: (url: URL) => void): string {
  const url = new URL(inject('postgresUrl'))
  change(url)
  return url.href
}

async function asSuperuser(...statements: string[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  let result: pg.QueryResult | undefined
  for (const statement of statements) result = await client.query(statement)
  await client.end()
  if (result === undefined) throw new Error('nothing was asked')
  return result
}

describe('a database that cannot be opened is refused in plain words, without the password', () => {
  test('one of a newer version, which is left as it is', async () => {
    const url = freshSchema()
    await (await openPostgresMetadataStore({ url })).close()
    const schema = new URL(url).searchParams.get('schema')
    await asSuperuser(`UPDATE ${schema}.schema_version SET steps = 1000`)
    expect(await refusal(url)).toMatchObject({ code: 'newer-format', message: expect.stringContaining('format 1000') })
    const { rows } = await asSuperuser(`SELECT steps FROM ${schema}.schema_version`)
    expect(rows).toEqual([{ steps: 1000 }])
  })

  test('where nothing listens', async () => {
    const error = await refusal(changed((url) => (url.port = '1')))
    expect(error).toMatchObject({
      code: 'io-error',
      message: expect.stringMatching(/127\.0\.0\.1:1\/.*nothing answers/),
    })
  })

  test('with a wrong password', async () => {
    const wrong = changed((url) => (url.password = 'not-this'))
    const error = await refusal(wrong)
    expect(error).toMatchObject({ code: 'io-error', message: expect.stringMatching(/does not let this user in/) })
    expect(error.message).not.toContain('not-this')
  })

  test('that the server does not have', async () => {
    const error = await refusal(changed((url) => (url.pathname = '/nowhere')))
    expect(error).toMatchObject({ code: 'io-error', message: expect.stringMatching(/no database of that name/) })
  })

  test('in which the user may create nothing', async () => {
    await asSuperuser(`CREATE ROLE guest LOGIN PASSWORD '${PASSWORD}'`)
    const error = await refusal(changed((url) => (url.username = 'guest')))
    expect(error).toMatchObject({ code: 'io-error', message: expect.stringMatching(/Grant it CREATE/) })
  })

  test.each(['mysql://ada:spoken-softly@db/x', 'postgres://ada:spoken-softly@:x', 'no address'])('%s', async (url) => {
    expect(await refusal(url)).toMatchObject({ code: 'bad-request' })
  })
})

test('several that start at once on an empty database all find it ready', async () => {
  const url = freshSchema()
  const stores = await Promise.all(Array.from({ length: 5 }, () => openPostgresMetadataStore({ url })))
  await stores[0]?.write((tx) => tx.createFolder(folderRow()))
  for (const store of stores) expect(await store.read((tx) => tx.folders())).toHaveLength(1)
  const schema = new URL(url).searchParams.get('schema')
  const { rows } = await asSuperuser(`SELECT steps FROM ${schema}.schema_version`)
  expect(rows).toEqual([{ steps: MIGRATIONS.length }])
  await Promise.all(stores.map((store) => store.close()))
})

test('two schemas of one database know nothing of each other', async () => {
  const [one, two] = [
    await openPostgresMetadataStore({ url: freshSchema() }),
    await openPostgresMetadataStore({ url: freshSchema() }),
  ]
  await one.write((tx) => tx.createFolder(folderRow()))
  expect(await two.read((tx) => tx.folders())).toEqual([])
  await Promise.all([one.close(), two.close()])
})

describe('where a connection breaks', () => {
  const transfer = {
    ...NO_SAVINGS,
    files: 1,
    folder: DOCS,
    node: LAPTOP,
    direction: 'up',
    entry: null,
    path: null,
    content: null,
    at: NOON,
  } as const

  test('in the middle of a write, it is run again and written once; and a read is run again', async () => {
    const url = `${freshSchema()}&application_name=unlucky`
    const store = await openPostgresMetadataStore({ url })
    await store.write((tx) => tx.createFolder(folderRow()))
    const broken = async (work: () => Promise<unknown>, tries: number) => {
      await work()
      if (tries === 1)
        await asSuperuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'unlucky'")
    }
    let writes = 0
    await store.write(async (tx) => {
      await broken(() => tx.addTransfers([transfer]), ++writes)
      await tx.putSetting('done', 'yes')
    })
    let reads = 0
    const found = await store.read(async (tx) => {
      await broken(() => tx.folders(), ++reads)
      return { done: await tx.setting('done'), files: (await tx.savingsTotal()).files }
    })
    expect({ ...found, writes, reads }).toEqual({ done: 'yes', files: 1, writes: 2, reads: 2 })
    await store.close()
  })

  test('while a commit is being answered, it is found out what became of it, and nothing is written twice', async () => {
    const cutter = await CommitCutter.listen()
    const store = await openPostgresMetadataStore({ url: cutter.before(freshSchema()) })
    await store.write((tx) => tx.createFolder(folderRow()))
    for (const when of ['answer', 'request'] as const) {
      cutter.cuts = when
      let runs = 0
      await store.write(async (tx) => {
        runs += 1
        await tx.addTransfers([transfer])
      })
      // What never came there is run again.
      expect(runs).toBe(when === 'answer' ? 1 : 2)
      expect(cutter.cuts).toBeUndefined()
    }
    expect((await store.read((tx) => tx.savingsTotal())).files).toBe(2)
    await store.close()
  })
})

/** Stands between a store and its server, and cuts the connection at the next commit. */
class CommitCutter {
  /** Whether the server hears of the commit first. */
  cuts: 'request' | 'answer' | undefined
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async listen(): Promise<CommitCutter> {
    const { hostname, port } = new URL(inject('postgresUrl'))
    const server = createServer((near) => {
      const far = connect(Number(port), hostname)
      const end = (): void => void [near.destroy(), far.destroy()]
      for (const socket of [near, far]) socket.on('error', end).on('close', end)
      let isCut = false
      near.on('data', (bytes: Buffer) => {
        const isCommit = cutter.cuts !== undefined && bytes.includes('COMMIT')
        if (isCommit && cutter.cuts === 'request') end()
        else far.write(bytes)
        isCut ||= isCommit
        if (isCommit) cutter.cuts = undefined
      })
      far.on('data', (bytes: Buffer) => (isCut ? end() : near.write(bytes)))
    })
    const cutter = new CommitCutter(server)
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    return cutter
  }

  before(text: string): string {
    const url = new URL(text)
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('it does not listen')
    url.port = String(address.port)
    return url.href
  }
}
