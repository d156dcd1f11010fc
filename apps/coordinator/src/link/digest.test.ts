import { hash as sha } from 'node:crypto'
import { bucketOf, DigestSums, entryDigest } from '@causeway/engine'
import {
  decode,
  DIGEST_BYTES,
  DigestEntriesResponseSchema,
  DigestResponseSchema,
  encode,
  EntriesResponseSchema,
  entryIdOf,
  LIMITS,
  LOG_START,
  ROOT_ID,
  type ChangeBatch,
  type DigestEntriesRequest,
  type DigestRequest,
  type DigestResponse,
  type EntryId,
  type EntryState,
  type Operation,
} from '@causeway/protocol'
import { expect, test } from 'vitest'
import { bytesOf, createOf, DEFAULT_FOLDER, fileOf, handClock, run, type TestNode } from '../test-support/running.ts'

const sha256 = (text: string): Uint8Array => sha('sha256', text, 'buffer')

function sumsOf(states: readonly EntryState[]): DigestSums {
  const sums = new DigestSums()
  for (const state of states) if (!state.deleted) sums.add(state.parent, entryDigest(sha256, state))
  return sums
}

async function compare(node: TestNode, request: DigestRequest): Promise<DigestResponse> {
  return decode(DigestResponseSchema, await bytesOf(await node.call('digest', encode(request))))
}

/** The same, once the coordinator has summed the folder up. */
async function compared(node: TestNode, request: DigestRequest): Promise<DigestResponse> {
  for (let tries = 0; tries < 500; tries++) {
    const answer = await compare(node, request)
    if (answer.kind !== 'not-now') return answer
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error('the folder was never summed up')
}

async function entries(node: TestNode, request: DigestEntriesRequest) {
  return decode(DigestEntriesResponseSchema, await bytesOf(await node.call('digest/entries', encode(request))))
}

async function statesOf(node: TestNode, ids: readonly EntryId[]): Promise<readonly EntryState[]> {
  return decode(EntriesResponseSchema, await bytesOf(await node.call('entries', encode({ entries: ids })))).states
}

const whole = ({ states }: ChangeBatch): Uint8Array => sumsOf(states).whole()

test('a node that believes what is there is told so, and one that believes something else gets the sums', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  expect(await compared(bob, { cursor: LOG_START, whole: sumsOf([]).whole() })).toEqual({ kind: 'equal' })
  await ada.save('a.txt', 'one', 1)
  await ada.save('b.txt', 'two', 2)
  const told = await bob.changes()
  expect(await compare(bob, { cursor: told.cursor, whole: whole(told) })).toEqual({ kind: 'equal' })

  const [first, second] = told.states
  if (first === undefined || second === undefined) throw new Error('two files were saved')
  const lacking = sumsOf([first])
  const answer = await compare(bob, { cursor: told.cursor, whole: lacking.whole() })
  if (answer.kind !== 'differs') throw new Error(`it was ${answer.kind}`)
  const buckets = lacking.differing(DigestSums.fromBytes(answer.sums))
  expect(buckets).toEqual([bucketOf(ROOT_ID)])
  const page = await entries(bob, { buckets: [...buckets], after: null })
  expect(page).toMatchObject({ entries: [first.id, second.id], next: null })
  expect(Uint8Array.from(page.digests.subarray(DIGEST_BYTES))).toEqual(entryDigest(sha256, second))
  expect(await statesOf(bob, [second.id, entryIdOf(bob.id, 99)])).toEqual([second])
})

test('a node that is not at the head of the log is not judged', async () => {
  await using running = await run()
  const [ada, bob] = [await running.enrol('ada'), await running.enrol('bob')]
  await ada.save('a.txt', 'one', 1)
  const { cursor, states } = await bob.changes()
  expect(await compared(bob, { cursor, whole: sumsOf(states).whole() })).toEqual({ kind: 'equal' })
  await ada.save('b.txt', 'two', 2)
  expect(await compare(bob, { cursor, whole: sumsOf(states).whole() })).toEqual({ kind: 'not-now' })
  const another = { ...(await bob.changes()).cursor, tag: 'of another log' }
  expect(await compare(bob, { cursor: another, whole: sumsOf([]).whole() })).toEqual({ kind: 'not-now' })
})

test('entries come in pages of at most the limit, each once, and none of other buckets', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const directories = [1, 2, 3].map((counter) =>
    createOf(ada.id, counter, `d${counter}`, { kind: 'directory', mode: 0o755 }),
  )
  await ada.commit({ operations: directories })
  const { content } = fileOf('')
  const perDirectory = [3, LIMITS.digestsPerPage, 3]
  let counter = 3
  for (const [index, count] of perDirectory.entries()) {
    const parent = entryIdOf(ada.id, index + 1)
    const files = Array.from({ length: count }, (_, at): Operation => {
      counter++
      return { ...createOf(ada.id, counter, `f${at}`, content), place: { parent, name: `f${at}` } }
    })
    await ada.commit({ operations: files })
  }
  const buckets = [1, 2].map((index) => bucketOf(entryIdOf(ada.id, index)))
  const found: EntryId[] = []
  let pages = 0
  for (let after: DigestEntriesRequest['after'] = null; ; pages++) {
    const page = await entries(ada, { buckets, after })
    expect(page.entries.length).toBeLessThanOrEqual(LIMITS.digestsPerPage)
    found.push(...page.entries)
    if (page.next === null) break
    after = page.next
  }
  expect(pages).toBe(1)
  expect(found).toHaveLength(LIMITS.digestsPerPage + 3)
  expect(new Set(found).size).toBe(found.length)
})

test('a request at each limit is taken, and one above is refused', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const ids = Array.from({ length: LIMITS.entriesPerRequest + 1 }, (_, at) => entryIdOf(ada.id, at + 1))
  expect(await statesOf(ada, ids.slice(1))).toEqual([])
  expect((await ada.call('entries', encode({ entries: ids }))).status).toBe(400)
  const buckets = Array.from({ length: 256 }, (_, at) => at)
  expect(await entries(ada, { buckets, after: null })).toMatchObject({ entries: [], next: null })
  for (const wrong of [[], [...buckets, 0], [256]])
    expect((await ada.call('digest/entries', encode({ buckets: wrong, after: null }))).status).toBe(400)
  const digest = { cursor: LOG_START, whole: new Uint8Array(17) }
  expect((await ada.call('digest', encode(digest))).status).toBe(400)
})

test('sums that have gone wrong are counted anew when a node asks for it, though not for each that asks', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const [ada, bob] = [await running.enrol('ada'), await running.enrol('bob')]
  await ada.save('a.txt', 'one', 1)
  const told = await bob.changes()
  const request = { cursor: told.cursor, whole: whole(told) }
  expect(await compared(bob, request)).toEqual({ kind: 'equal' })

  const { metadata } = running.coordinator.context
  const forgotten = (): Promise<void> => metadata.write((tx) => tx.forgetDigest(DEFAULT_FOLDER))
  await forgotten()
  expect(await compare(bob, { ...request, recount: true })).toEqual({ kind: 'not-now' })
  expect(await compared(bob, { ...request, recount: true })).toEqual({ kind: 'equal' })
  // For some time nobody makes it sum up anew again.
  expect(await compare(bob, { ...request, recount: true })).toEqual({ kind: 'equal' })
  clock.advance(601_000)
  expect(await compare(bob, { ...request, recount: true })).toEqual({ kind: 'not-now' })
})
