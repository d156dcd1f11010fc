import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  bitAt,
  decode,
  encode,
  encodeChunkFrame,
  encodeManifest,
  FolderIdSchema,
  MissingResponseSchema,
  type Access,
  type FolderId,
  type ChunkId,
  type ContentHash,
  type SmallContent,
} from '@causeway/protocol'
import { largeOf, noise } from '@causeway/testkit'
import { createOf, fileOf, run, type Running } from '../test-support/running.ts'

/*
 * Knowing a hash is no right to the bytes, nor to learn that they are here: `secret` is a folder that the stranger, a
 * node of another folder, does not carry.
 */

const SECRET = FolderIdSchema.parse('secret')
const OPEN = FolderIdSchema.parse('open')
const SMALL = fileOf('what only the secret folder holds')
const LARGE = largeOf(noise(300_000, 7))

type Node = Awaited<ReturnType<Running['enrol']>>

let running: Running
let owner: Node
let stranger: Node

beforeEach(async () => {
  running = await run({ folders: ['secret', 'open'] })
  owner = await running.enrol('owner', { folder: 'secret' })
  stranger = await running.enrol('stranger', { folder: 'open' })
  const { commits } = running.coordinator
  await upload(
    SECRET,
    owner,
    LARGE.manifest.map(({ hash }) => hash),
  )
  await commits.commit(SECRET, owner.id, {
    clock: {},
    operations: [createOf(owner.id, 1, 'small', SMALL.content), createOf(owner.id, 2, 'large', LARGE.content)],
    contents: [SMALL.named],
    manifests: [{ content: LARGE.hash, chunks: encodeManifest(LARGE.manifest) }],
    approved: false,
  })
})
afterEach(() => running[Symbol.asyncDispose]())

describe('a node that carries another folder', () => {
  test('is told of foreign chunks what it is told of those that nobody has', async () => {
    const hashes = [SMALL.chunk.hash, LARGE.manifest[0]!.hash, fileOf('nobody has this').chunk.hash]
    expect(await missing(stranger, OPEN, hashes)).toEqual([true, true, true])
    expect(await missing(owner, SECRET, hashes)).toEqual([false, false, true])
  })

  test('gets none of them, and no list of a foreign content', async () => {
    for (const hash of [SMALL.content.hash, LARGE.manifest[0]!.hash]) {
      expect(await refusal(call(stranger, OPEN, 'chunks/fetch', { hashes: [hash] }))).toBe('chunk-missing')
    }
    expect(await refusal(call(stranger, OPEN, 'manifest', { content: LARGE.hash }))).toBe('not-found')
    const regions = [{ offset: 0, length: 1000 }]
    const signatures = { content: LARGE.hash, regions, blockBytes: 512 }
    expect(await refusal(call(stranger, OPEN, 'chunks/signatures', signatures))).not.toBeNull()
  })

  test('can’t claim them for a file of its own, by name, by list, or as what was deleted', async () => {
    const claims = [createOf(stranger.id, 1, 'small', SMALL.content), createOf(stranger.id, 2, 'large', LARGE.content)]
    const byName = await commit(stranger, claims)
    expect(byName).toMatchObject([{ refusal: 'missing-content' }, { refusal: 'missing-content' }])
    const list = [{ content: LARGE.hash, chunks: encodeManifest(LARGE.manifest) }]
    const byList = await commit(stranger, [createOf(stranger.id, 3, 'list', LARGE.content)], list)
    expect(byList).toMatchObject([{ refusal: 'missing-content' }])
  })

  test('has them once it has sent them itself, however often they are here', async () => {
    await upload(
      OPEN,
      stranger,
      LARGE.manifest.map(({ hash }) => hash),
    )
    const list = [{ content: LARGE.hash, chunks: encodeManifest(LARGE.manifest) }]
    expect(await commit(stranger, [createOf(stranger.id, 1, 'large', LARGE.content)], list)).toMatchObject([
      { kind: 'accepted' },
    ])
    expect(await refusal(call(stranger, OPEN, 'manifest', { content: LARGE.hash }))).toBeNull()
    const small = createOf(stranger.id, 2, 'small', SMALL.content)
    expect(await commit(stranger, [small], [], [SMALL.named])).toMatchObject([{ kind: 'accepted' }])
  })
})

test.each<[Access, boolean]>([
  ['read-write', false],
  ['receive-only', false],
  ['send-only', true],
])(
  'a node that carries both folders, the other %s, need not send again what it may read there',
  async (access, sends) => {
    await running.coordinator.context.metadata.write((tx) =>
      tx.putMembership({ folder: SECRET, node: stranger.id, access, applied: 0, clock: {}, paused: false }),
    )
    expect(await missing(stranger, OPEN, [LARGE.manifest[0]!.hash])).toEqual([sends])
    const outcomes = await commit(stranger, [createOf(stranger.id, 1, 'large', LARGE.content)])
    expect(outcomes).toMatchObject([sends ? { refusal: 'missing-content' } : { kind: 'accepted' }])
    // Then the folder's others can have it, chunk by chunk.
    const { hash } = LARGE.manifest.at(-1)!
    expect(await refusal(call(stranger, OPEN, 'chunks/fetch', { hashes: [hash] }))).toBe(sends ? 'chunk-missing' : null)
  },
)

test('a person can’t make a file in one folder out of another’s chunks', async () => {
  const chunks = LARGE.manifest
  const about = { path: 'stolen', hash: LARGE.hash, size: LARGE.content.size, chunks }
  const { status, body } = await running.rest('POST', '/api/v1/folders/open/uploads', about)
  expect([status, body.error?.code]).toEqual([409, 'chunk-missing'])
})

async function missing(node: Node, folder: FolderId, hashes: readonly ChunkId[]): Promise<readonly boolean[]> {
  const response = await call(node, folder, 'chunks/missing', { hashes })
  const answer = decode(MissingResponseSchema, new Uint8Array(await response.arrayBuffer()))
  return hashes.map((_, index) => bitAt(answer.missing, index))
}

async function commit(
  node: Node,
  operations: ReturnType<typeof createOf>[],
  manifests: { content: ContentHash; chunks: Uint8Array }[] = [],
  contents: SmallContent[] = [],
) {
  const request = { clock: {}, operations, contents, manifests, approved: false }
  return (await running.coordinator.commits.commit(OPEN, node.id, request)).outcomes
}

async function upload(folder: FolderId, node: Node, hashes: readonly ChunkId[]): Promise<void> {
  const { contents } = running.coordinator
  const bytes = new Map(
    LARGE.manifest.map(({ hash, size }, index) => {
      const at = LARGE.manifest.slice(0, index).reduce((sum, chunk) => sum + chunk.size, 0)
      return [hash, LARGE.bytes.subarray(at, at + size)] as const
    }),
  )
  async function* frames() {
    for (const hash of hashes) {
      const plain = bytes.get(hash)!
      yield encodeChunkFrame({ hash, size: plain.length, compressed: false, bytes: plain })
    }
  }
  await contents.upload(folder, node.id, frames())
}

function call(node: Node, folder: FolderId, path: string, message: unknown): Promise<Response> {
  return fetch(new URL(`/link/v1/folders/${folder}/${path}`, running.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${node.token}`, 'content-type': 'application/cbor' },
    body: Buffer.from(encode(message)),
  })
}

async function refusal(answer: Promise<Response>): Promise<string | null> {
  const response = await answer
  if (response.ok) return null
  return ((await response.json()) as { error: { code: string } }).error.code
}
