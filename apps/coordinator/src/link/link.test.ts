import { zstdCompressSync } from 'node:zlib'
import {
  COORDINATOR_ID,
  decode,
  decodeChunkFrames,
  encode,
  encodeChunkFrame,
  encodeManifest,
  LIMITS,
  LINK_VERSION,
  LONGEST_SAVE_MS,
  LOG_START,
  ManifestResponseSchema,
  MissingResponseSchema,
  type ChunkFrame,
  type ChunkId,
  type CoordinatorMessage,
  type ChangeBatch,
} from '@causeway/protocol'
import { expect, test } from 'vitest'
import { z } from 'zod'
import {
  bytesOf,
  DEFAULT_FOLDER,
  heard,
  json,
  createOf,
  fileOf,
  FRAMES,
  run,
  type Running,
  type TestNode,
} from '../test-support/running.ts'

test('a node enrols, signs in, commits; another is pushed the change with its bytes, in one message', async () => {
  await using running = await run()
  const ada = await running.enrol('Ada’s laptop')
  const bob = await running.enrol('bob')
  expect(ada.id).toMatch(/^ada-s-laptop-[0-9a-f]{6}$/)
  const socket = await bob.socket()
  expect(await socket.next()).toMatchObject({ kind: 'welcome', version: LINK_VERSION, node: bob.id })
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })

  expect((await ada.save('hello.txt', 'hello', 1)).outcomes).toEqual([{ kind: 'accepted', seq: 1 }])
  const batch = batchIn(await socket.next())
  expect(batch).toMatchObject({ reset: false, head: 1, cursor: { seq: 1 }, states: [{ name: 'hello.txt', seq: 1 }] })
  expect(textsIn(batch)).toEqual(['hello'])
})

test('who wrote a change gets it without the bytes, by push and when asking', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const socket = await ada.socket()
  await socket.next()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  await ada.save('a.txt', 'text', 1)
  const pushed = await socket.next()
  expect(pushed).toMatchObject({ kind: 'changes', batch: { contents: [], states: [], echoes: { created: [1, 1, 1] } } })
  expect(await ada.changes()).toMatchObject({ contents: [], head: 1 })
  const bob = await running.enrol('bob')
  expect(textsIn(await bob.changes())).toEqual(['text'])
})

test('pushes come in the order of the log without a gap, whoever writes and however many at once', async () => {
  await using running = await run()
  const writers = [await running.enrol('ada'), await running.enrol('bob'), await running.enrol('cyd')]
  const reader = await running.enrol('dan')
  const socket = await reader.socket()
  await socket.next()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  const saving = writers.map(async (node) => {
    for (let counter = 1; counter <= 20; counter++)
      await node.save(`${node.id} ${counter}`, `${node.id} ${counter}`, counter)
  })
  const seen: number[] = []
  while (seen.length < 60) {
    const message = await socket.next()
    // Nothing is lost by being behind: what was missed is asked for, and the pushes go on from there.
    const batch =
      message.kind === 'behind' ? await reader.changes(await cursorAt(running, seen.length)) : batchIn(message)
    if (message.kind === 'behind') socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: batch.cursor })
    seen.push(...batch.states.map(({ seq }) => seq))
  }
  expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  await Promise.all(saving)
  expect((await reader.changes()).states).toHaveLength(60)
})

test('an operation sent twice gets the answer it got before, and happens once', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const first = await ada.save('a.txt', 'text', 1)
  expect(await ada.save('a.txt', 'text', 1)).toEqual(first)
  expect((await ada.changes()).head).toBe(1)
})

test('a cursor of another log is told to begin again; one inside a commit goes on from there', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const files = Array.from({ length: 5 }, (_, index) => fileOf(`text ${index}`))
  const operations = files.map(({ content }, index) => createOf(ada.id, index + 1, `file ${index}`, content))
  await ada.commit({ operations, contents: files.map(({ named }) => named) })
  await ada.save('later', 'later', 6)

  const bob = await running.enrol('bob')
  const first = await bob.changes(LOG_START, 2)
  expect(first).toMatchObject({ reset: false, cursor: { seq: 2 }, head: 6 })
  const rest = await bob.changes(first.cursor)
  expect(rest).toMatchObject({ reset: false, cursor: { seq: 6 } })
  expect(rest.states.map(({ seq }) => seq)).toEqual([3, 4, 5, 6])
  expect(await bob.changes(rest.cursor)).toMatchObject({ reset: false, states: [], cursor: rest.cursor })

  for (const foreign of [
    { ...first.cursor, tag: 'another' },
    { ...first.cursor, epoch: 'another' },
    { ...rest.cursor, seq: 99 },
  ]) {
    const again = await bob.changes(foreign)
    expect(again).toMatchObject({ reset: true, cursor: rest.cursor })
    expect(again.states).toHaveLength(6)
  }
})

test('a large file goes up in chunks, is refused until all are there, and comes down the same', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const pieces = [Buffer.alloc(200_000, 'abc'), Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)))]
  const chunks = pieces.map((bytes) => fileOf(bytes))
  const whole = fileOf(Buffer.concat(pieces))
  const manifest = encodeManifest(chunks.map(({ chunk }) => chunk))
  const request = {
    operations: [createOf(ada.id, 1, 'large', whole.content)],
    manifests: [{ content: whole.content.hash, chunks: manifest }],
  }
  const hashes = chunks.map(({ chunk }) => chunk.hash)
  expect((await ada.commit(request)).outcomes).toMatchObject([
    { kind: 'refused', refusal: 'missing-content', missing: hashes },
  ])
  expect(await missing(ada, hashes)).toEqual([3])

  const frames: ChunkFrame[] = chunks.map(({ chunk: { hash, size }, bytes }, index) => {
    return index === 0
      ? { hash, size, compressed: true, bytes: zstdCompressSync(bytes) }
      : { hash, size, compressed: false, bytes: Buffer.from(bytes) }
  })
  const upload = await bytesOf(await ada.call('chunks/upload', Buffer.concat(frames.map(encodeChunkFrame)), FRAMES))
  expect(decode(z.object({ stored: z.int() }), upload)).toEqual({ stored: 2 })
  expect(await missing(ada, hashes)).toEqual([0])
  expect((await ada.commit(request)).outcomes).toMatchObject([{ kind: 'accepted', seq: 1 }])

  const bob = await running.enrol('bob')
  const answer = await bytesOf(await bob.call('manifest', encode({ content: whole.content.hash })))
  expect(decode(ManifestResponseSchema, answer).chunks).toEqual(new Uint8Array(manifest))
  const down = await bytesOf(await bob.call('chunks/fetch', encode({ hashes: hashes.toReversed() })))
  const received = await collect(decodeChunkFrames(once(down)))
  expect(received.map((frame) => ({ ...frame, bytes: Buffer.from(frame.bytes) }))).toEqual(frames.toReversed())
})

test('one damaged chunk among megabytes of good ones has the whole upload refused, and none of them is held', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const frames = Array.from({ length: 60 }, (_, index): ChunkFrame => {
    const bytes = new Uint8Array(150_000)
    for (let at = 0; at < bytes.length; at += 50_000) crypto.getRandomValues(bytes.subarray(at, at + 50_000))
    const { hash, size } = fileOf(bytes).chunk
    const packed = index % 7 === 3
    return packed
      ? { hash, size, compressed: true, bytes: zstdCompressSync(bytes).subarray(0, size) }
      : { hash, size, compressed: false, bytes }
  }).filter(({ bytes, size, compressed }) => !compressed || bytes.length < size)
  const hashes = frames.map(({ hash }) => hash)
  for (const at of [0, 31, frames.length - 1]) {
    const body = Buffer.concat(
      frames.map((frame, index) => {
        const encoded = encodeChunkFrame(frame)
        if (index === at) encoded[encoded.length - 1] = (encoded.at(-1) ?? 0) ^ 1
        return encoded
      }),
    )
    expect(await failure(await ada.call('chunks/upload', body, FRAMES))).toEqual([422, 'chunk-corrupt'])
    expect((await running.coordinator.contents.missing(DEFAULT_FOLDER, hashes)).length).toBe(hashes.length)
  }
  const whole = Buffer.concat(frames.map(encodeChunkFrame))
  expect(await failure(await ada.call('chunks/upload', whole.subarray(0, -1), FRAMES))).toEqual([400, 'bad-request'])
  expect((await running.coordinator.contents.missing(DEFAULT_FOLDER, hashes)).length).toBe(hashes.length)
  await bytesOf(await ada.call('chunks/upload', whole, FRAMES))
  expect(await running.coordinator.contents.missing(DEFAULT_FOLDER, hashes)).toEqual([])
  const down = await bytesOf(await ada.call('chunks/fetch', encode({ hashes })))
  expect(Buffer.compare(down, whole)).toBe(0)
})

test('bytes under a wrong name are refused, small and large, and nothing of them is kept', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const { content, named, chunk } = fileOf('right')
  const wrong = { hash: named.hash, bytes: new TextEncoder().encode('wrong') }
  const commit = encode({
    clock: {},
    operations: [createOf(ada.id, 1, 'a', content)],
    contents: [wrong],
    manifests: [],
    approved: false,
  })
  expect(await failure(await ada.call('commit', commit))).toEqual([422, 'chunk-corrupt'])
  const frame = { ...wrong, ...chunk, compressed: false }
  expect(await failure(await ada.call('chunks/upload', encodeChunkFrame(frame), FRAMES))).toEqual([
    422,
    'chunk-corrupt',
  ])
  const bomb = { hash: chunk.hash, size: 100, compressed: true, bytes: zstdCompressSync(Buffer.alloc(50_000)) }
  expect(await failure(await ada.call('chunks/upload', encodeChunkFrame(bomb), FRAMES))).toEqual([422, 'chunk-corrupt'])
  expect(await missing(ada, [chunk.hash])).toEqual([1])
  expect(await failure(await ada.call('chunks/fetch', encode({ hashes: [named.hash] })))).toEqual([
    409,
    'chunk-missing',
  ])
})

test.each([
  ['no CBOR', () => new Uint8Array([0xff, 0xff, 1]), {}, 400],
  ['another message', () => encode({ hello: 1 }), {}, 400],
  ['JSON', () => Buffer.from('{}'), { 'content-type': 'application/json' }, 400],
  ['a broken zstd frame', () => new Uint8Array(50), { 'content-encoding': 'zstd' }, 400],
  ['an encoding of its own', () => encode({}), { 'content-encoding': 'br' }, 400],
  [
    'a frame that inflates without end',
    () => zstdCompressSync(Buffer.alloc(LIMITS.inflatedBytes + 1)),
    { 'content-encoding': 'zstd' },
    413,
  ],
  ['more than a message may be', () => new Uint8Array(LIMITS.messageBytes + 1), {}, 413],
])('a body that is %s is refused with a reason', async (_name, body, headers, status) => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const response = await ada.call('commit', body(), headers)
  expect(response.status).toBe(status)
  expect(await json(response)).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } })
})

test('a message on the socket that cannot be read ends that socket and nothing else', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const socket = await ada.socket()
  await socket.next()
  socket.sendRaw(new Uint8Array([0xff]))
  expect(await socket.closed).toBe(1007)
  expect((await ada.save('still', 'here', 1)).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test.each([
  ['no number', [Number.NaN]],
  ['without end', [Number.POSITIVE_INFINITY]],
  ['before it began', [-1]],
  ['longer than any', [LONGEST_SAVE_MS + 1]],
  ['too many at once', Array.from({ length: LIMITS.savesPerMessage + 1 }, () => 1)],
])('times of saves that cannot be (%s) end the socket and are not counted', async (_name, tookMs) => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const socket = await ada.socket()
  await socket.next()
  socket.send({ kind: 'saved', tookMs: [5] })
  socket.send({ kind: 'saved', tookMs })
  expect(await socket.closed).toBe(1007)
  expect(running.coordinator.measure.meter.readings()).toMatchObject({
    save: { count: 1, sumMs: 5 },
    saveByNode: [{ node: ada.id, count: 1 }],
  })
})

test('what a node has applied is known from then on, with what it has thereby seen', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await ada.save('a', 'a', 1)
  const socket = await ada.socket()
  await socket.next()
  const { cursor } = await ada.changes()
  socket.send({ kind: 'applied', folder: DEFAULT_FOLDER, cursor })
  await heard(socket)
  const { body } = await running.rest('GET', '/api/v1/folders/default/members')
  expect(body).toMatchObject([{ node: ada.id, applied: 1, behind: 0 }])
  expect((await running.rest('GET', '/api/v1/nodes')).body).toMatchObject([{ id: ada.id, online: true }])
  const [member] = await running.coordinator.context.metadata.read((tx) => tx.memberships({ node: ada.id }))
  expect(member?.clock).toMatchObject({ [ada.id]: 1 })
})

test('a removed node loses its socket and its session at once', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const socket = await ada.socket()
  await socket.next()
  await running.rest('DELETE', `/api/v1/nodes/${ada.id}`)
  expect(await socket.closed).toBe(4403)
  expect((await ada.call('changes', encode({ cursor: LOG_START, limit: 1 }))).status).toBe(401)
  const { events } = (await running.rest('GET', '/api/v1/events?after=0')).body
  expect(events.map((event: { kind: string; node: string }) => [event.kind, event.node])).toEqual([
    ['join', COORDINATOR_ID],
    ['leave', COORDINATOR_ID],
  ])
})

test('a node that only receives is refused its writes', async () => {
  await using running = await run()
  const ada = await running.enrol('ada', 'receive-only')
  const { named, content } = fileOf('a')
  const operations = [createOf(ada.id, 1, 'a', content)]
  const message = { clock: {}, operations, contents: [named], manifests: [], approved: false }
  const refused = await ada.call('commit', encode(message))
  expect([refused.status, (await json(refused)).error.code]).toEqual([403, 'not-allowed'])
})

test('a node that only receives may give no chunk but one that the coordinator has lost', async () => {
  await using running = await run()
  const ada = await running.enrol('ada', 'receive-only')
  const { named, chunk } = fileOf('nobody asked for this')
  const { hash } = chunk
  const frame = encodeChunkFrame({ ...named, ...chunk, compressed: false })
  const missing = async () =>
    decode(MissingResponseSchema, await bytesOf(await ada.call('chunks/missing', encode({ hashes: [hash] })))).missing
  const held = async () => running.coordinator.context.metadata.read((tx) => tx.chunks([hash]))
  expect([...(await missing())]).toEqual([0])
  expect((await ada.call('chunks/upload', frame, FRAMES)).status).toBe(403)
  expect(await held()).toEqual([])

  await running.coordinator.context.metadata.write(async (tx) => {
    const { length } = named.bytes
    await tx.addChunks([{ hash, pack: 'gone', offset: 0, storedSize: length, size: length, compressed: false }])
    await tx.loseChunks([hash])
  })
  expect([...(await missing())]).toEqual([1])
  expect((await ada.call('chunks/upload', frame, FRAMES)).status).toBe(200)
  expect(await held()).toMatchObject([{ hash }])
})

test('a node that only sends learns what stands where, and not a byte of it', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const eve = await running.enrol('eve', 'send-only')
  const socket = await eve.socket()
  await socket.next()
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: LOG_START })
  await heard(socket)
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: (await eve.changes()).cursor })
  await ada.save('secret.txt', 'a secret', 1)
  const pushed = await socket.next()
  const batch = await eve.changes()
  for (const told of [pushed.kind === 'changes' ? pushed.batch : undefined, batch]) {
    expect(told).toMatchObject({ states: [{ name: 'secret.txt' }], contents: [] })
  }
  const { hash } = fileOf('a secret').content
  expect((await eve.call('chunks/fetch', encode({ hashes: [hash] }))).status).toBe(403)
  expect((await eve.call('patch', encode({ content: hash, base: hash }))).status).toBe(403)
  expect((await eve.save('own', 'own', 1)).outcomes).toMatchObject([{ kind: 'accepted' }])
})

test('a mass delete halts the folder until a person resumes it, and can be undone afterwards', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const files = Array.from({ length: 30 }, (_, index) => fileOf(`text ${index}`))
  const operations = files.map(({ content }, index) => createOf(ada.id, index + 2, `file ${index}`, content))
  const directory = createOf(ada.id, 1, 'dir', { kind: 'directory', mode: 0o755 })
  const inside = operations.map((operation) => ({
    ...operation,
    place: { parent: directory.entry, name: operation.place.name },
  }))
  await ada.commit({ operations: [directory, ...inside], contents: files.map(({ named }) => named) })

  const vector = { [ada.id]: 1 }
  const removal = {
    kind: 'delete' as const,
    counter: 40,
    entry: directory.entry,
    seenContent: vector,
    seenPlace: vector,
    subtree: true,
  }
  const request = { clock: { [ada.id]: 31 }, operations: [removal] }
  expect((await ada.commit(request)).outcomes).toMatchObject([{ kind: 'refused', refusal: 'halted' }])
  expect((await running.rest('GET', '/api/v1/folders/default')).body.halted).toEqual(expect.any(String))
  const socket = await ada.socket()
  await socket.next()
  await heard(socket)
  expect((await running.rest('POST', '/api/v1/folders/default/resume')).body.halted).toBeNull()
  expect(await socket.next()).toEqual({ kind: 'resume', folder: 'default' })

  expect((await ada.commit({ ...request, approved: true })).outcomes).toMatchObject([{ kind: 'accepted' }])
  expect((await running.rest('GET', '/api/v1/folders/default')).body.counts.files).toBe(0)
  const { events } = (await running.rest('GET', '/api/v1/events?kinds=delete')).body
  const undone = await running.rest('POST', `/api/v1/folders/default/events/${events[0].position}/undo`)
  expect(undone.body.restored).toHaveLength(31)
  expect((await running.rest('GET', '/api/v1/folders/default')).body.counts).toMatchObject({
    files: 30,
    directories: 1,
  })
  expect((await running.rest('GET', '/api/files?prefix=dir/')).body.files).toHaveLength(30)
})

async function missing(node: TestNode, hashes: readonly ChunkId[]): Promise<number[]> {
  const answer = await bytesOf(await node.call('chunks/missing', encode({ hashes })))
  return [...decode(MissingResponseSchema, answer).missing]
}

async function cursorAt(running: Running, seq: number) {
  const { metadata } = running.coordinator.context
  if (seq === 0) return LOG_START
  return metadata.read(async (tx) => {
    const folder = await tx.folder(DEFAULT_FOLDER)
    const mark = await tx.logMark(DEFAULT_FOLDER, seq)
    return { epoch: folder?.epoch ?? '', seq, tag: mark?.tag ?? '' }
  })
}

function textsIn({ contents }: ChangeBatch): string[] {
  return contents.map(({ bytes }) => Buffer.from(bytes).toString())
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

function batchIn(message: CoordinatorMessage) {
  if (message.kind !== 'changes') throw new Error(`expected changes, not ${message.kind}`)
  return message.batch
}

async function failure(response: Response): Promise<[number, string]> {
  return [response.status, (await json(response)).error.code]
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}
