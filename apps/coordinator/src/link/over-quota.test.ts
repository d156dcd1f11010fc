import { entryIdOf, ROOT_ID, type EditOperation, type NodeId, type Operation, type Outcome } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createOf, fileOf, run, type Running, type TestNode } from '../test-support/running.ts'

async function limitTo(running: Running, quotaBytes: number | null) {
  const { status, body } = await running.rest('PATCH', '/api/v1/folders/default', { settings: { quotaBytes } })
  expect(status).toBe(200)
  expect(body.settings.quotaBytes).toBe(quotaBytes)
}

const of = (size: number, letter = 'x') => letter.repeat(size)

function refusalOf(outcome: Outcome | undefined) {
  return outcome?.kind === 'refused' ? outcome.refusal : outcome?.kind
}

async function save(node: TestNode, counter: number, name: string, text: string) {
  return (await node.save(name, text, counter)).outcomes[0]
}

function edited(node: NodeId, counter: number, { was, becomes }: { was: string; becomes: string }): EditOperation {
  return {
    kind: 'edit',
    counter,
    entry: entryIdOf(node, 1),
    basedOn: { [node]: counter - 1 },
    basedOnHash: fileOf(was).content.hash,
    content: fileOf(becomes).content,
  }
}

async function edit(node: TestNode, counter: number, texts: { was: string; becomes: string }) {
  const clock = { [node.id]: counter - 1 }
  const { named } = fileOf(texts.becomes)
  return (await node.commit({ clock, operations: [edited(node.id, counter, texts)], contents: [named] })).outcomes[0]
}

test('what would make a folder larger than it may be is refused, with the limit, the use and what to do', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await limitTo(running, 1000)
  expect(refusalOf(await save(ash, 1, 'one', of(600)))).toBe('accepted')
  const refused = await save(ash, 2, 'two', of(401, 'y'))
  expect(refused).toMatchObject({ kind: 'refused', refusal: 'over-quota' })
  expect(refused).toMatchObject({
    detail:
      'the folder may hold 1.0 kB and holds 600 B: 401 B more do not fit. Delete something in it, or ask an admin for more room',
  })
  expect(refusalOf(await save(ash, 3, 'two', of(400, 'y')))).toBe('accepted')
  await limitTo(running, null)
  expect(refusalOf(await save(ash, 4, 'three', of(5000)))).toBe('accepted')
})

test('above its limit, edits that shrink, renames and deletes pass, and an edit that grows does not', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await save(ash, 1, 'one', of(600))
  await limitTo(running, 100)
  expect(refusalOf(await edit(ash, 2, { was: of(600), becomes: of(601) }))).toBe('over-quota')
  // The same counter: what was refused never happened.
  expect(refusalOf(await edit(ash, 2, { was: of(600), becomes: of(500) }))).toBe('accepted')
  const seen = { [ash.id]: 2 }
  const entry = entryIdOf(ash.id, 1)
  const place = { parent: ROOT_ID, name: 'renamed' }
  const more: Operation[] = [
    { kind: 'move', counter: 3, entry, basedOn: { [ash.id]: 1 }, place },
    { kind: 'delete', counter: 4, entry, seenContent: seen, seenPlace: { [ash.id]: 3 }, subtree: false },
    createOf(ash.id, 5, 'small', fileOf(of(100)).content),
  ]
  const { outcomes } = await ash.commit({ clock: seen, operations: more, contents: [fileOf(of(100)).named] })
  expect(outcomes.map(refusalOf)).toEqual(['accepted', 'accepted', 'accepted'])
})

test('of a commit as much is taken as fits', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await limitTo(running, 100)
  const files = ['a', 'b', 'c'].map((letter) => fileOf(of(40, letter)))
  const { outcomes } = await ash.commit({
    operations: files.map(({ content }, index) => createOf(ash.id, index + 1, `file ${index}`, content)),
    contents: files.map(({ named }) => named),
  })
  expect(outcomes.map(refusalOf)).toEqual(['accepted', 'accepted', 'over-quota'])
})

test('the same file on two disks counts once, also in a folder that is full', async () => {
  await using running = await run()
  const [ash, birch] = [await running.enrol('ash'), await running.enrol('birch')]
  await save(ash, 1, 'one', of(100))
  await limitTo(running, 100)
  expect(refusalOf(await save(birch, 1, 'one', of(100)))).toBe('settled')
})

test('of commits to two coordinators at once, no more is taken than fits', async () => {
  await using running = await run()
  await using beside = await run({ metadata: running.coordinator.context.metadata, folders: [] })
  const nodes = await Promise.all(
    Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? running : beside).enrol(`node ${index}`)),
  )
  await limitTo(running, 100)
  const outcomes = await Promise.all(nodes.map((node, index) => save(node, 1, `file ${index}`, of(30, String(index)))))
  const refusals = outcomes.map(refusalOf)
  expect(refusals.filter((refusal) => refusal === 'accepted')).toHaveLength(3)
  expect(refusals.filter((refusal) => refusal === 'over-quota')).toHaveLength(5)
})

test('a person who uploads, or restores, what does not fit is told the same, with status 507', async () => {
  await using running = await run()
  const ash = await running.enrol('ash')
  await save(ash, 1, 'one', of(600))
  const entry = entryIdOf(ash.id, 1)
  const seen = { [ash.id]: 1 }
  await ash.commit({
    clock: seen,
    operations: [{ kind: 'delete', counter: 2, entry, seenContent: seen, seenPlace: seen, subtree: false }],
  })
  await limitTo(running, 100)
  const { status, body } = await running.rest('POST', '/api/v1/folders/default/restore', { entry })
  expect([status, body.error?.code]).toEqual([507, 'over-quota'])
  expect(body.error.message).toContain('the folder may hold 100 B')
})

test('who changed a limit, and to what, is in the audit log', async () => {
  await using running = await run()
  await limitTo(running, 12_345)
  const { body } = await running.rest('GET', '/api/v1/audit')
  expect(JSON.stringify(body)).toContain('12345')
})
