import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  encodeChunkFrame,
  encodeManifest,
  FolderIdSchema,
  type CommitRequest,
  type FolderId,
  type ContentHash,
  type Outcome,
} from '@causeway/protocol'
import { largeOf, noise } from '@causeway/testkit'
import { createOf, run, type Running } from '../test-support/running.ts'

/*
 * A node can't spoil a content for others: `mallory` knows the hash of what `honest` has, and names a list of chunks for
 * it that make something else of the same size.
 */

const SHARED = FolderIdSchema.parse('shared')
const OTHER = FolderIdSchema.parse('other')
const WANTED = largeOf(noise(300_000, 7))
const BOGUS = largeOf(noise(300_000, 8))
const RIGHT_LIST = [{ content: WANTED.hash, chunks: encodeManifest(WANTED.manifest) }]
const WRONG_LIST = [{ content: WANTED.hash, chunks: encodeManifest(BOGUS.manifest) }]

type Node = Awaited<ReturnType<Running['enrol']>>

let running: Running
let mallory: Node
let honest: Node

beforeEach(async () => {
  running = await run({ folders: ['shared', 'other'] })
  mallory = await running.enrol('mallory', { folder: 'shared' })
  honest = await running.enrol('honest', { folder: 'shared' })
})
afterEach(() => running[Symbol.asyncDispose]())

describe('after a wrong list was named for a content', () => {
  beforeEach(async () => {
    await upload(SHARED, mallory, BOGUS)
    await commit(SHARED, mallory, 1, WRONG_LIST)
  })

  test('a commit by its hash alone is not acknowledged, but asks for the list, and then ends well', async () => {
    expect(await unproven()).toBe(true)
    expect(await commit(SHARED, honest, 1)).toMatchObject([{ refusal: 'missing-content' }])
    await upload(SHARED, honest, WANTED)
    expect(await commit(SHARED, honest, 2, RIGHT_LIST)).toMatchObject([{ kind: 'accepted' }])
    expect(await read()).toEqual(Buffer.from(WANTED.bytes))
  })

  test('a commit that brings the right one takes its place', async () => {
    await upload(SHARED, honest, WANTED)
    expect(await commit(SHARED, honest, 1, RIGHT_LIST)).toMatchObject([{ kind: 'accepted' }])
    expect(await read()).toEqual(Buffer.from(WANTED.bytes))
  })

  test('so it does from a folder that knows nothing of the first', async () => {
    const other = await running.enrol('elsewhere', { folder: 'other' })
    await upload(OTHER, other, WANTED)
    expect(await commit(OTHER, other, 1, RIGHT_LIST)).toMatchObject([{ kind: 'accepted' }])
    expect(await read(OTHER)).toEqual(Buffer.from(WANTED.bytes))
    // Who only knew the hash has not got the bytes by that.
    await expect(read(SHARED)).rejects.toMatchObject({ code: 'chunk-missing' })
    expect(await commit(SHARED, mallory, 2)).toMatchObject([{ refusal: 'missing-content' }])
  })

  test('both kinds of commit at once end well, whichever comes first', async () => {
    await upload(SHARED, honest, WANTED)
    const more = await Promise.all([1, 2, 3, 4].map((at) => running.enrol(`node ${at}`, { folder: 'shared' })))
    const outcomes = await Promise.all([
      commit(SHARED, honest, 1, RIGHT_LIST),
      ...more.map((node, at) => commit(SHARED, node, 1, at % 2 === 0 ? [] : RIGHT_LIST)),
    ])
    expect(outcomes[0]).toMatchObject([{ kind: 'accepted' }])
    for (const [outcome] of outcomes) {
      expect(['accepted', 'joined', 'conflict', 'refused']).toContain(outcome?.kind)
    }
    expect(await read()).toEqual(Buffer.from(WANTED.bytes))
  })
})

describe('after the right list was named', () => {
  beforeEach(async () => {
    await upload(SHARED, honest, WANTED)
    await commit(SHARED, honest, 1, RIGHT_LIST)
  })

  test('another node counts on it by the hash alone, and from then on it is proven', async () => {
    expect(await unproven()).toBe(true)
    expect(await commit(SHARED, mallory, 1)).toMatchObject([{ kind: 'accepted' }])
    expect(await unproven()).toBe(false)
  })

  test('its own node saves more of it without that', async () => {
    expect(await commit(SHARED, honest, 2)).toMatchObject([{ kind: 'accepted' }])
    expect(await unproven()).toBe(true)
  })

  test('a wrong one is refused, and changes nothing', async () => {
    await upload(SHARED, mallory, BOGUS)
    await expect(commit(SHARED, mallory, 1, WRONG_LIST)).rejects.toMatchObject({ code: 'manifest-invalid' })
    expect(await read()).toEqual(Buffer.from(WANTED.bytes))
    expect(await unproven()).toBe(false)
  })

  test('a wrong one gets a node of another folder nothing of the content', async () => {
    const stranger = await running.enrol('stranger', { folder: 'other' })
    await upload(OTHER, stranger, BOGUS)
    await expect(commit(OTHER, stranger, 1, WRONG_LIST)).rejects.toMatchObject({ code: 'manifest-invalid' })
    const { metadata } = running.coordinator.context
    const asked = [WANTED.hash, ...WANTED.manifest.map(({ hash }) => hash)]
    expect(await metadata.read((tx) => tx.contentsFor({ folder: OTHER, reads: [] }, asked))).toEqual(new Set())
  })
})

async function commit(
  folder: FolderId,
  node: Node,
  counter: number,
  manifests: CommitRequest['manifests'] = [],
): Promise<readonly Outcome[]> {
  const operations = [createOf(node.id, counter, `${node.id} ${counter}`, WANTED.content)]
  const request = { clock: {}, operations, contents: [], manifests, approved: false }
  return (await running.coordinator.commits.commit(folder, node.id, request)).outcomes
}

async function upload(folder: FolderId, node: Node, { bytes, manifest }: typeof WANTED): Promise<void> {
  async function* frames() {
    let at = 0
    for (const { hash, size } of manifest) {
      yield encodeChunkFrame({ hash, size, compressed: false, bytes: bytes.subarray(at, (at += size)) })
    }
  }
  await running.coordinator.contents.upload(folder, node.id, frames())
}

async function read(folder: FolderId = SHARED): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const piece of await running.coordinator.contents.read({ ...WANTED.content, folder })) pieces.push(piece)
  return Buffer.concat(pieces)
}

async function unproven(content: ContentHash = WANTED.hash): Promise<boolean> {
  const rows = { entries: [], places: [], subtrees: [], buried: [], copies: [], levels: [] }
  const needs = {
    node: honest.id,
    counters: [],
    chunks: [],
    manifests: [content],
    rows,
    reads: [],
    deletesFrom: null,
    sentFrom: null,
  }
  const { metadata } = running.coordinator.context
  return (await metadata.read((tx) => tx.loadForCommit(SHARED, needs))).held.unproven.has(content)
}
