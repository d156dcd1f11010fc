import { expect, test } from 'vitest'
import { createClient, type Client } from '@causeway/client'
import { COORDINATOR_ID, DEFAULT_DELETE_BRAKE, entryIdOf, type HistoryEvent } from '@causeway/protocol'
import { ADMIN_TOKEN, run, type Running, type TestNode } from '../test-support/running.ts'

const ADMIN = { kind: 'person', id: 'owner', name: 'Owner of the machine' } as const

test('whatever a person does from afar is theirs in the history', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await ada.save('notes.txt', 'original', 1)
  await bob.save('notes.txt', 'rival', 1)
  const [conflict] = await client.conflicts('default')
  const copy = conflict?.copy ?? ''
  const lastEvent = async () => (await client.pastEvents({ limit: 1 }))[0]?.position ?? 0
  const headNow = async () => (await client.folder('default')).head
  const start = await lastEvent()

  const acts: Readonly<Record<string, () => Promise<unknown>>> = {
    settle: () => client.settle('default', copy, 'keep-both'),
    reopen: () => client.reopen('default', copy),
    'settle for one': () => client.settle('default', copy, 'keep-original'),
    makeDirectory: () => client.makeDirectory('default', 'dir'),
    upload: () => client.upload(new Blob(['one']), { path: 'dir/a.txt' }),
    move: () => client.move('default', 'dir/a.txt', 'dir/b.txt'),
    undoCommit: async () => client.undoCommit('default', await headNow()),
    moveEverything: async () =>
      client.moveEverything('default', { directory: 'dir', asOf: await headNow(), into: '', only: ['a.txt'] }),
    remove: () => client.remove('default', ['a.txt']),
    undo: async () => client.undo('default', await lastEvent()),
    removeEverything: async () => client.removeEverything('default', { asOf: await headNow() }),
    restore: () => client.restore('default', { path: 'a.txt' }),
    bringBack: () => client.bringBack('default', [entryIdOf(ada.id, 1)]),
    resumeFolder: () => client.resumeFolder('default'),
    takeFolderAway: () => client.takeFolderAway('default', ada.id),
    removeNode: () => client.removeNode(bob.id),
    removeFolder: () => client.removeFolder('default'),
    restoreFolder: () => client.restoreFolder('default'),
  }
  for (const [name, act] of Object.entries(acts)) {
    const before = await lastEvent()
    await act()
    const made = await client.pastEvents({ after: before })
    expect([name, made.length > 0, [...new Set(made.map(told))]]).toEqual([name, true, [told({ actor: ADMIN })]])
  }
  const made = await client.pastEvents({ after: start, limit: 1000 })
  expect(new Set(made.map(({ node }) => node))).toEqual(new Set([COORDINATOR_ID]))
})

test('what is done with a node’s session is the node’s, and what nodes send needs no word about who sent it', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  await ada.save('notes.txt', 'one', 1)
  const asAda = createClient({ url: running.url, token: ada.token })
  await asAda.remove('default', ['notes.txt'])
  await asAda.restore('default', { path: 'notes.txt' })
  const byAda = { kind: 'node', node: ada.id }
  const events = await clientOf(running).pastEvents({ after: 0 })
  expect(events.map(({ kind, node, actor }) => ({ kind, node, actor }))).toEqual([
    { kind: 'join', node: COORDINATOR_ID, actor: byAda },
    { kind: 'create', node: ada.id, actor: undefined },
    { kind: 'delete', node: COORDINATOR_ID, actor: byAda },
    { kind: 'restore', node: COORDINATOR_ID, actor: byAda },
  ])
})

test('a mass deletion that was let through is on the node that sent it; holding it back is on the coordinator', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const counters = Array.from({ length: DEFAULT_DELETE_BRAKE.min }, (_, index) => index + 1)
  for (const counter of counters) await ada.save(`file ${counter}`, 'a text', counter)
  await ada.commit(removalOf(ada, counters))
  await ada.commit({ ...removalOf(ada, counters), approved: true })
  const events = await clientOf(running).pastEvents({ kinds: ['halt', 'resume'] })
  expect(events.map(({ kind, actor }) => [kind, actor])).toEqual([
    ['resume', { kind: 'node', node: ada.id }],
    ['halt', undefined],
  ])
})

test('a version says who is behind it, where that is not the node it is named after', async () => {
  await using running = await run()
  const client = clientOf(running)
  const ada = await running.enrol('ada')
  await ada.save('notes.txt', 'one', 1)
  await client.upload(new Blob(['two']), { path: 'notes.txt' })
  await createClient({ url: running.url, token: ada.token }).move('default', 'notes.txt', 'kept.txt')
  const { versions } = await client.history('default', { path: 'kept.txt' })
  expect(versions.map(({ actor }) => actor)).toEqual([{ kind: 'node', node: ada.id }, ADMIN, undefined])
  const [newest, older] = versions
  const { a, b } = await client.compare('default', newest?.seq ?? 0, older?.seq ?? 0)
  expect([a, b]).toEqual([newest, older])
})

function clientOf({ url }: Running): Client {
  return createClient({ url, token: ADMIN_TOKEN })
}

function told({ actor }: Pick<HistoryEvent, 'actor'>): string {
  return JSON.stringify(actor ?? null, ['kind', 'id', 'name', 'node'])
}

function removalOf(ada: TestNode, counters: readonly number[]) {
  const operations = counters.map((created) => {
    const seen = { [ada.id]: created }
    const entry = entryIdOf(ada.id, created)
    const counter = counters.length + created
    return { kind: 'delete' as const, counter, entry, seenContent: seen, seenPlace: seen, subtree: false }
  })
  return { clock: { [ada.id]: counters.length }, operations }
}
