import {
  CommitResponseSchema,
  decode,
  encode,
  entryIdOf,
  FolderIdSchema,
  ROOT_ID,
  type FileContent,
  type Operation,
  type Outcome,
} from '@causeway/protocol'
import { expect, test } from 'vitest'
import {
  bytesOf,
  createOf,
  DEFAULT_FOLDER,
  fileOf,
  handClock,
  run,
  type Running,
  type TestNode,
} from '../test-support/running.ts'

const HOUR = 3_600_000

const of = (size: number, letter = 'x') => letter.repeat(size)

async function limitTo(running: Running, node: TestNode, dailyBytes: number | null) {
  const { status, body } = await running.rest('PATCH', `/api/v1/nodes/${node.id}`, { dailyBytes })
  expect([status, body.dailyBytes]).toEqual([200, dailyBytes])
}

async function sentBytes(running: Running, node: TestNode): Promise<unknown> {
  return (await running.rest('GET', `/api/v1/nodes/${node.id}`)).body.sentBytes
}

function refusalOf(outcome: Outcome | undefined) {
  return outcome?.kind === 'refused' ? outcome.refusal : outcome?.kind
}

async function save(node: TestNode, counter: number, text: string) {
  return (await node.save(`file ${counter}`, text, counter)).outcomes[0]
}

async function edit(
  node: TestNode,
  counter: number,
  { was, becomes, mode }: { was: string; becomes: string; mode?: number },
) {
  const clock = { [node.id]: counter - 1 }
  const { content, named } = fileOf(becomes)
  const changed: FileContent = { ...content, ...(mode !== undefined && { mode }) }
  const operation: Operation = {
    kind: 'edit',
    counter,
    entry: entryIdOf(node.id, 1),
    basedOn: clock,
    basedOnHash: fileOf(was).content.hash,
    content: changed,
  }
  return (await node.commit({ clock, operations: [operation], contents: [named] })).outcomes[0]
}

test('a node sends no more than it may within a day; another one is not touched', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const [ash, birch] = [await running.enrol('ash'), await running.enrol('birch')]
  await limitTo(running, ash, 1000)
  expect(refusalOf(await save(ash, 1, of(600)))).toBe('accepted')
  clock.advance(HOUR)
  const refused = await save(ash, 2, of(401, 'y'))
  expect(refused).toMatchObject({ kind: 'refused', refusal: 'over-quota' })
  expect(refused).toMatchObject({
    detail:
      'ash may send 1.0 kB a day and sent 600 B in the last 24 hours: 401 B more do not fit. ' +
      'There is room from 2026-01-02 00:01 UTC on, or ask an admin for a higher limit',
  })
  expect(refusalOf(await save(ash, 2, of(400, 'y')))).toBe('accepted')
  expect(await sentBytes(running, ash)).toBe(1000)
  expect(refusalOf(await save(birch, 7, of(5000, 'z')))).toBe('accepted')
  expect(await sentBytes(running, birch)).toBeUndefined()
  // It counts from when there is a limit.
  await limitTo(running, birch, 10)
  expect(await sentBytes(running, birch)).toBe(0)
})

test('what was sent a day ago counts no more, and not a moment earlier', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const ash = await running.enrol('ash')
  await limitTo(running, ash, 1000)
  // Its session ends within the day: past the link, as it would sign in again.
  const saveLater = async (counter: number, text: string) => {
    const { content, named } = fileOf(text)
    const operations = [createOf(ash.id, counter, `file ${counter}`, content)]
    const request = { clock: {}, operations, contents: [named], manifests: [], approved: false }
    return refusalOf((await running.coordinator.commits.commit(DEFAULT_FOLDER, ash.id, request)).outcomes[0])
  }
  await saveLater(1, of(600))
  clock.advance(12 * HOUR)
  await saveLater(2, of(400, 'y'))
  clock.advance(12 * HOUR - 1)
  expect(await saveLater(3, of(600, 'z'))).toBe('over-quota')
  clock.advance(1)
  expect(await saveLater(3, of(601, 'z'))).toBe('over-quota')
  expect(await saveLater(3, of(600, 'z'))).toBe('accepted')
  expect(await sentBytes(running, ash)).toBe(1000)
})

test('all folders count together', async () => {
  await using running = await run({ folders: ['default', 'photos'] })
  const ash = await running.enrol('ash')
  const photos = FolderIdSchema.parse('photos')
  const membership = {
    folder: photos,
    node: ash.id,
    access: 'read-write',
    applied: 0,
    clock: {},
    paused: false,
  } as const
  await running.coordinator.context.metadata.write((tx) => tx.putMembership(membership))
  const toPhotos = async (text: string) => {
    const { content, named } = fileOf(text)
    const request = { clock: {}, operations: [createOf(ash.id, 1, 'photo', content)], contents: [named], manifests: [] }
    const response = await fetch(new URL('/link/v1/folders/photos/commit', running.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${ash.token}`, 'content-type': 'application/cbor' },
      body: Buffer.from(encode({ ...request, approved: false })),
    })
    return refusalOf(decode(CommitResponseSchema, await bytesOf(response)).outcomes[0])
  }
  await limitTo(running, ash, 1000)
  expect(refusalOf(await save(ash, 1, of(600)))).toBe('accepted')
  expect(await toPhotos(of(600, 'y'))).toBe('over-quota')
  expect(await toPhotos(of(400, 'y'))).toBe('accepted')
})

test('an edit counts in full, deleting gives nothing back, and what brings no new bytes passes', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await limitTo(running, ash, 1000)
  await save(ash, 1, of(600))
  expect(refusalOf(await edit(ash, 2, { was: of(600), becomes: of(401) }))).toBe('over-quota')
  expect(refusalOf(await edit(ash, 2, { was: of(600), becomes: of(400) }))).toBe('accepted')
  expect(refusalOf(await edit(ash, 3, { was: of(400), becomes: of(400), mode: 0o755 }))).toBe('accepted')
  expect(await sentBytes(running, ash)).toBe(1000)
  const entry = entryIdOf(ash.id, 1)
  const seen = { [ash.id]: 3 }
  const more: Operation[] = [
    { kind: 'move', counter: 4, entry, basedOn: { [ash.id]: 1 }, place: { parent: ROOT_ID, name: 'renamed' } },
    { kind: 'delete', counter: 5, entry, seenContent: seen, seenPlace: { [ash.id]: 4 }, subtree: false },
    createOf(ash.id, 6, 'empty', fileOf('').content),
    createOf(ash.id, 7, 'again', fileOf(of(400)).content),
  ]
  const { outcomes } = await ash.commit({ clock: seen, operations: more, contents: [fileOf(of(400)).named] })
  expect(outcomes.map(refusalOf)).toEqual(['accepted', 'accepted', 'accepted', 'over-quota'])
})

test('of a commit as much is taken as fits, and the same file on two disks counts nothing', async () => {
  await using running = await run()
  const [ash, birch] = [await running.enrol('ash'), await running.enrol('birch')]
  await limitTo(running, ash, 100)
  await limitTo(running, birch, 10)
  const files = ['a', 'b', 'c'].map((letter) => fileOf(of(40, letter)))
  const all = (node: TestNode) => ({
    operations: files.map(({ content }, index) => createOf(node.id, index + 1, `file ${index}`, content)),
    contents: files.map(({ named }) => named),
  })
  expect((await ash.commit(all(ash))).outcomes.map(refusalOf)).toEqual(['accepted', 'accepted', 'over-quota'])
  expect((await birch.commit(all(birch))).outcomes.map(refusalOf)).toEqual(['settled', 'settled', 'over-quota'])
  expect([await sentBytes(running, ash), await sentBytes(running, birch)]).toEqual([80, 0])
})

test('a content larger than a whole day may bring is refused for good, in so many words', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await limitTo(running, ash, 100)
  const refused = await save(ash, 1, of(101))
  expect(refused).toMatchObject({ detail: expect.stringContaining('more than a whole day may bring') })
  await limitTo(running, ash, null)
  expect(refusalOf(await save(ash, 1, of(101)))).toBe('accepted')
})

test('who changed the limit of which node is in the audit log, and a node keeps its name', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await limitTo(running, ash, 12_345)
  const { body } = await running.rest('GET', '/api/v1/audit')
  expect(body.entries[0]).toMatchObject({ action: 'node-limited', details: [{ name: 'dailyBytes', value: '12345' }] })
  expect((await running.rest('GET', `/api/v1/nodes/${ash.id}`)).body.name).toBe('ash')
})

test('how much a node may send is for admins to see and to change', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await limitTo(running, ash, 1000)
  const ada = await running.person('ada', { roles: { default: 'editor' } })
  const seen = (await ada.call('GET', `/api/v1/nodes/${ash.id}`)).body
  expect([seen.name, 'dailyBytes' in seen, 'sentBytes' in seen]).toEqual(['ash', false, false])
  expect((await ada.call('PATCH', `/api/v1/nodes/${ash.id}`, { dailyBytes: null })).status).toBe(403)
})
