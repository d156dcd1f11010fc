import { copiesAgainst, signBlocks } from '@causeway/engine'
import { openDelta, packCopies } from '@causeway/packing'
import {
  decode,
  decodeManifest,
  encode,
  encodeManifest,
  ListDigestSchema,
  ManifestResponseSchema,
  singleChunkManifest,
  type Delta,
  type ContentHash,
  type Patch,
} from '@causeway/protocol'
import { collectGarbage } from '@causeway/store'
import { expect, test } from 'vitest'
import { largeOf, noise, overwritten, patchOf, type LargeFile } from '@causeway/testkit'
import {
  commitPatch,
  editOf,
  neverAsked,
  missing,
  newIn,
  patchItems,
  patched,
  plainDelta,
  rejected,
  saveLarge,
  uploadAll,
} from '../test-support/large-files.ts'
import {
  bytesOf,
  createOf,
  DEFAULT_FOLDER,
  fileOf,
  heard,
  json,
  run,
  type Running,
  type TestNode,
} from '../test-support/running.ts'
import { forget } from '../test-support/forget.ts'

const BEFORE = largeOf(noise(600_000, 1))
const AFTER = largeOf(overwritten(BEFORE.bytes, 300_000, noise(4096, 2)))

test('a commit that brings a patch stores the whole list, and pushes the patch to all but its author', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await saveLarge(ada, 'image', BEFORE, 1)
  const sockets = [await ada.socket(), await bob.socket()] as const
  const { cursor } = await bob.changes()
  for (const socket of sockets) {
    await socket.next()
    socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor })
  }
  await bob.changes()

  const patch = await patchOf(BEFORE, AFTER)
  expect((await commitPatch(ada, editOf(ada.id, 1, 2, BEFORE, AFTER), patch)).outcomes).toMatchObject([
    { kind: 'accepted', seq: 2 },
  ])
  const [toAda, toBob] = [await sockets[0].next(), await sockets[1].next()]
  expect(toBob).toMatchObject({ kind: 'changes', batch: { cursor: { seq: 2 }, patches: [{ content: AFTER.hash }] } })
  expect(toBob.kind === 'changes' && toBob.batch.patches?.map(plainPatch)).toEqual([plainPatch(patch)])
  expect(toAda).toMatchObject({ kind: 'changes', batch: { cursor: { seq: 2 } } })
  expect(toAda.kind === 'changes' && toAda.batch.patches).toBeUndefined()

  expect(await manifestOf(bob, AFTER.hash)).toEqual(Buffer.from(encodeManifest(AFTER.manifest)))
  expect(await downloaded(running, AFTER)).toEqual(Buffer.from(AFTER.bytes))
})

test('a patch too large for a push is left out of it, and the change is pushed all the same', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await saveLarge(ada, 'image', BEFORE, 1)
  const after = largeOf(overwritten(BEFORE.bytes, 100_000, noise(300_000, 3)))
  const socket = await bob.socket()
  await socket.next()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: (await bob.changes()).cursor })
  await bob.changes()
  await commitPatch(ada, editOf(ada.id, 1, 2, BEFORE, after), await patchOf(BEFORE, after))
  const pushed = await socket.next()
  expect(pushed).toMatchObject({ kind: 'changes', batch: { states: [{ seq: 2 }] } })
  expect(pushed.kind === 'changes' && pushed.batch.patches).toBeUndefined()
})

test('a patch that is not right, or brings nothing by itself, is pushed to nobody', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await saveLarge(ada, 'image', BEFORE, 1)
  await saveLarge(ada, 'copy', BEFORE, 2)
  const socket = await bob.socket()
  await socket.next()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: (await bob.changes()).cursor })
  await heard(socket)
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: (await bob.changes()).cursor })
  await uploadAll(ada, AFTER)

  const patch = await patchOf(BEFORE, AFTER)
  for (const [index, told] of [shifted(patch, 1), { ...patch, deltas: [] }].entries()) {
    const edit = editOf(ada.id, index + 1, index + 3, BEFORE, AFTER)
    expect((await commitPatch(ada, edit, told)).outcomes).toMatchObject([{ kind: 'accepted' }])
    const pushed = await socket.next()
    expect(pushed).toMatchObject({ kind: 'changes', batch: { states: [{ seq: index + 3 }] } })
    expect(pushed.kind === 'changes' && pushed.batch.patches).toBeUndefined()
  }
})

test('a list that does not come out as announced is refused alone, and is taken when it is sent whole', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const patch = await patchOf(BEFORE, AFTER)
  const wrong = { ...patch, splice: { ...patch.splice, digest: ListDigestSchema.parse(BEFORE.hash) } }
  const small = fileOf('small')
  const operations = [createOf(ada.id, 2, 'small', small.content), editOf(ada.id, 1, 3, BEFORE, AFTER)]
  const { outcomes } = await ada.commit({ operations, contents: [small.named], patches: [wrong] })
  expect(outcomes).toMatchObject([
    { kind: 'accepted', seq: 2 },
    { kind: 'refused', refusal: 'missing-content', missing: [] },
  ])
  // Its deltas were right: their chunks need not be sent again.
  const manifests = [{ content: AFTER.hash, chunks: encodeManifest(AFTER.manifest) }]
  const again = await ada.commit({ operations: [editOf(ada.id, 1, 3, BEFORE, AFTER)], manifests })
  expect(again.outcomes).toMatchObject([{ kind: 'accepted', seq: 3 }])
})

test.each<[string, (patch: Patch) => Patch, boolean]>([
  ['whose base is not held', (patch) => ({ ...patch, splice: { ...patch.splice, base: AFTER.hash } }), true],
  ['that takes chunks its base does not have', (patch) => withParts(patch, [[1000, 5]]), true],
  ['whose new chunks are no list', (patch) => withParts(patch, [new Uint8Array(5)]), true],
  ['with a delta that names no chunks', (patch) => withDelta(patch, { chunks: new Uint8Array(35) }), false],
  ['with a delta that names an empty list', (patch) => withDelta(patch, { chunks: new Uint8Array() }), false],
  ['with a delta that is no frame', (patch) => withDelta(patch, { bytes: new Uint8Array(9) }), false],
  ['with a delta against other bytes', (patch) => shifted(patch, 1), false],
  ['with a delta against bytes behind the end', (patch) => shifted(patch, 600_000), false],
])('a patch %s hurts nothing but the operation that needs it', async (_name, spoil, badSplice) => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const small = fileOf('small')
  const patch = spoil(await patchOf(BEFORE, AFTER))
  const operations = [createOf(ada.id, 2, 'small', small.content), editOf(ada.id, 1, 3, BEFORE, AFTER)]
  const { outcomes } = await ada.commit({ operations, contents: [small.named], patches: [patch] })
  expect(outcomes).toMatchObject([{ kind: 'accepted' }, { kind: 'refused', refusal: 'missing-content' }])
  const missing = outcomes[1]?.kind === 'refused' ? outcomes[1].missing : []
  expect(missing).toEqual(badSplice ? [] : newIn(AFTER, BEFORE))

  await uploadAll(ada, AFTER)
  const manifests = [{ content: AFTER.hash, chunks: encodeManifest(AFTER.manifest) }]
  const again = await ada.commit({ operations: [editOf(ada.id, 1, 3, BEFORE, AFTER)], manifests })
  expect(again.outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('a patch of another size than its file is refused, and can be followed by the right one', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const patch = await patchOf(BEFORE, AFTER)
  const edit = editOf(ada.id, 1, 2, BEFORE, AFTER)
  const lying = { ...edit, content: { ...AFTER.content, size: AFTER.content.size + 1 } }
  expect((await commitPatch(ada, lying, patch)).outcomes).toMatchObject([{ refusal: 'missing-content' }])
  expect((await commitPatch(ada, edit, patch)).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('a small file that grew large is patched against its only chunk', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bytes = noise(50_000, 7)
  await ada.commit({
    operations: [createOf(ada.id, 1, 'log', fileOf(bytes).content)],
    contents: [fileOf(bytes).named],
  })
  const hash = fileOf(bytes).content.hash
  const before = { ...largeOf(bytes), hash, manifest: singleChunkManifest(hash, bytes.length) }
  const after = largeOf(Buffer.concat([bytes, noise(40_000, 8)]))
  const patch = await patchOf(before, after)
  expect((await commitPatch(ada, editOf(ada.id, 1, 2, before, after), patch)).outcomes).toMatchObject([
    { kind: 'accepted' },
  ])
  const items = await patchItems(ada, after.hash, hash)
  expect(Buffer.from(await patched(before, items, () => neverAsked()))).toEqual(Buffer.from(after.bytes))
})

test('a damaged chunk that a patch takes over is asked for before the patch is accepted', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const { context, contents } = running.coordinator
  const { metadata } = context
  const [first] = BEFORE.manifest
  const rows = await metadata.read((tx) => tx.chunks(first === undefined ? [] : [first.hash]))
  await contents.repair.found(rows)
  const patch = await patchOf(BEFORE, AFTER)
  const edit = editOf(ada.id, 1, 2, BEFORE, AFTER)
  expect((await commitPatch(ada, edit, patch)).outcomes).toMatchObject([
    { kind: 'refused', refusal: 'missing-content', missing: [first?.hash] },
  ])
  await uploadAll(ada, BEFORE)
  expect((await commitPatch(ada, edit, patch)).outcomes).toMatchObject([{ kind: 'accepted' }])
  contents.repair.stop()
})

test('deltas sent ahead are durable, those with a wrong base are named and nothing of them is kept', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const patch = await patchOf(BEFORE, AFTER)
  const fresh = newIn(AFTER, BEFORE)
  expect(await rejected(ada, shifted(patch, 1).deltas)).toEqual(fresh)
  expect(await missing(running, fresh)).toEqual(fresh)
  expect(await rejected(ada, withDelta(patch, { base: { content: AFTER.hash, offset: 0, length: 1 } }).deltas)).toEqual(
    fresh,
  )
  expect(await missing(running, fresh)).toEqual(fresh)
  const garbled = await ada.call('chunks/deltas', encode({ deltas: withDelta(patch, { chunks: noise(5, 1) }).deltas }))
  expect([garbled.status, (await json(garbled)).error.code]).toEqual([400, 'bad-request'])

  const copies = await Promise.all(patch.deltas.map(asCopies))
  expect(await rejected(ada, copies)).toEqual([])
  expect(await missing(running, fresh)).toEqual([])
  const bare = { ...patch, deltas: [] }
  expect((await commitPatch(ada, editOf(ada.id, 1, 2, BEFORE, AFTER), bare)).outcomes).toMatchObject([
    { kind: 'accepted' },
  ])
  // What came up goes down as it was.
  const items = await patchItems(ada, AFTER.hash, BEFORE.hash)
  expect(items.map(({ kind }) => kind)).toEqual(['splice', ...copies.map(() => 'delta')])
  expect(items.flatMap((item) => (item.kind === 'delta' ? [plainDelta(item.delta)] : []))).toEqual(
    copies.map(plainDelta),
  )
})

test('a delta of which some chunks come out right brings those', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const after = largeOf(overwritten(BEFORE.bytes, 200_000, noise(250_000, 5)))
  const { deltas } = await patchOf(BEFORE, after)
  const spoilt = deltas.map((delta) => {
    const chunks = delta.chunks.slice()
    chunks[0] = (chunks[0] ?? 0) ^ 1
    return { ...delta, chunks }
  })
  const [wrong, ...more] = await rejected(ada, spoilt)
  expect(more).toEqual([])
  const fresh = newIn(after, BEFORE)
  expect(fresh).not.toContain(wrong)
  expect(fresh.length).toBeGreaterThan(1)
  expect(await missing(running, fresh)).toEqual(fresh.slice(0, 1))
})

test('chunks made from deltas wait for their commit as long as uploaded ones do', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const patch = await patchOf(BEFORE, AFTER)
  const fresh = newIn(AFTER, BEFORE)
  expect(await rejected(ada, patch.deltas)).toEqual([])
  const { metadata } = running.coordinator.context
  const collectAt = (now: number) => {
    return collectGarbage({ metadata, packs: running.packs, now: () => now, graceMs: 1000 })
  }
  await collectAt(0)
  await collectAt(999)
  expect(await missing(running, fresh)).toEqual([])
  const bare = { ...patch, deltas: [] }
  await commitPatch(ada, editOf(ada.id, 1, 2, BEFORE, AFTER), bare)
  await collectAt(5000)
  await collectAt(10_000)
  expect(await missing(running, fresh)).toEqual([])
  expect(await downloaded(running, AFTER)).toEqual(Buffer.from(AFTER.bytes))
})

test('a base whose list is another one by now is no base', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  await patchItems(ada, BEFORE.hash, BEFORE.hash)
  const { metadata } = running.coordinator.context
  const [first, ...rest] = BEFORE.manifest
  const other = encodeManifest(first === undefined ? rest : [...rest, first])
  await metadata.write(async (tx) => {
    await forget(tx, 'manifest', [BEFORE.hash])
    const manifests = [{ content: BEFORE.hash, chunks: other, size: BEFORE.content.size }]
    await tx.keepContents(DEFAULT_FOLDER, { decidedOn: await tx.removals(), chunks: [], manifests, claimed: [] })
  })
  const patch = await patchOf(BEFORE, AFTER)
  expect((await commitPatch(ada, editOf(ada.id, 1, 2, BEFORE, AFTER), patch)).outcomes).toMatchObject([
    { kind: 'refused', refusal: 'missing-content', missing: [] },
  ])
})

test('a base that was collected before the commit refers to it makes the node send the whole list', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await saveLarge(ada, 'image', BEFORE, 1)
  const { metadata } = running.coordinator.context
  // It is known from reading, and gone since.
  await patchItems(ada, BEFORE.hash, BEFORE.hash)
  await metadata.write((tx) => forget(tx, 'manifest', [BEFORE.hash]))
  const patch = await patchOf(BEFORE, AFTER)
  expect((await commitPatch(ada, editOf(ada.id, 1, 2, BEFORE, AFTER), patch)).outcomes).toMatchObject([
    { kind: 'refused', refusal: 'missing-content', missing: [] },
  ])
})

/** The same chunks in another form than the coordinator would make of them. */
async function asCopies(delta: Delta): Promise<Delta> {
  const { offset, length } = delta.base
  const region = BEFORE.bytes.subarray(offset, offset + length)
  const sizeBytes = decodeManifest(delta.chunks).reduce((sum, { size }) => sum + size, 0)
  const bytes = await openDelta(delta, region, sizeBytes)
  return { ...delta, ...(await packCopies(copiesAgainst(signBlocks(region, 512), 512, length, bytes))) }
}

function withParts(patch: Patch, parts: Patch['splice']['parts']): Patch {
  return { ...patch, splice: { ...patch.splice, parts } }
}

function withDelta(patch: Patch, change: Partial<Delta>): Patch {
  return { ...patch, deltas: patch.deltas.map((delta) => ({ ...delta, ...change })) }
}

function shifted(patch: Patch, bytes: number): Patch {
  return {
    ...patch,
    deltas: patch.deltas.map((delta) => ({ ...delta, base: { ...delta.base, offset: delta.base.offset + bytes } })),
  }
}

function plainPatch({ content, splice, deltas }: Patch) {
  const parts = splice.parts.map((part) => (part instanceof Uint8Array ? Buffer.from(part) : part))
  return { content, splice: { ...splice, parts }, deltas: deltas.map(plainDelta) }
}

async function manifestOf(node: TestNode, content: ContentHash): Promise<Buffer> {
  const answer = await bytesOf(await node.call('manifest', encode({ content })))
  return Buffer.from(decode(ManifestResponseSchema, answer).chunks)
}

async function downloaded({ coordinator }: Running, { manifest }: LargeFile): Promise<Buffer> {
  const { context, contents } = coordinator
  const { metadata } = context
  const rows = await metadata.read((tx) => tx.chunks(manifest.map(({ hash }) => hash)))
  const byHash = new Map(rows.map((row) => [row.hash, row]))
  const pieces = manifest.map(async ({ hash }) => {
    const row = byHash.get(hash)
    if (row === undefined) throw new Error(`chunk ${hash} is not there`)
    return contents.plain(row)
  })
  return Buffer.concat(await Promise.all(pieces))
}
