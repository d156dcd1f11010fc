import { encode, LOG_START, type CoordinatorMessage, type NodeId } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createCoordinator } from '../coordinator.ts'
import { createOf, DEFAULT_FOLDER, fileOf, run, type Running } from '../test-support/running.ts'
import { createLinkSession } from './node-feed.ts'
import { readSocketMessage } from '../test-support/socket-messages.ts'

test('a node whose socket is full is told once that it is behind, and pushed to again after it has asked', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const link = open(running, bob.id)
  await link.follow()
  await ada.save('one', 'one', 1)
  link.isFull = true
  await ada.save('two', 'two', 2)
  await ada.save('three', 'three', 3)
  link.isFull = false
  await ada.save('four', 'four', 4)
  expect(link.sent.map(summary)).toEqual(['welcome', 'changes to 1', 'behind 2'])

  const { cursor } = await bob.changes()
  await link.follow(cursor)
  await ada.save('five', 'five', 5)
  expect(link.sent.slice(3).map(summary)).toEqual(['changes to 5'])
})

test('what is committed while a follow is looked up is neither lost nor sent twice', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  await ada.save('before', 'before', 1)
  const { changes } = running.coordinator
  const lookedUp = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const link = open(running, bob.id, {
    ...changes,
    async since(...request) {
      const found = await changes.since(...request)
      lookedUp.resolve()
      await goOn.promise
      return found
    },
  })
  const following = link.follow()
  await lookedUp.promise
  await ada.save('meanwhile', 'meanwhile', 2)
  goOn.resolve()
  await following
  await ada.save('after', 'after', 3)
  expect(link.sent.map(summary)).toEqual(['welcome', 'changes to 1', 'changes to 2', 'changes to 3'])
})

test('the folder’s brake is told at sign-in, and again when it changes', async () => {
  await using running = await run()
  const bob = await running.enrol('bob')
  const link = open(running, bob.id)
  await link.follow()
  await running.coordinator.folders.change(DEFAULT_FOLDER, { settings: { deleteBrakeShare: 0.8 } })
  await expect
    .poll(() => link.sent.at(-1))
    .toEqual({
      kind: 'delete-brake',
      folder: DEFAULT_FOLDER,
      deleteBrake: { share: 0.8, min: 20 },
    })
  expect(bob.folders).toMatchObject([{ id: DEFAULT_FOLDER, deleteBrake: { share: 0.5, min: 20 } }])
})

test('what is committed here is in the sockets of all who are live before anybody is answered, without a read', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const followers = await Promise.all(['bob', 'cyd', 'dan'].map((name) => running.enrol(name)))
  const { changes } = running.coordinator
  let reads = 0
  const counted: typeof changes = {
    ...changes,
    since(...request) {
      reads++
      return changes.since(...request)
    },
  }
  const links = followers.map(({ id }) => open(running, id, counted))
  for (const link of links) await link.follow()
  expect(reads).toBe(3)
  for (const counter of [1, 2, 3]) {
    await ada.save(`file ${counter}`, 'text', counter)
    expect(links.map(({ sent }) => summary(sent.at(-1)))).toEqual(links.map(() => `changes to ${counter}`))
  }
  expect(reads).toBe(3)
})

test('what another coordinator committed is read from the log, and what is committed here goes on from there', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const bob = await running.enrol('bob')
  const link = open(running, bob.id)
  await link.follow()
  const { metadata, signals } = running.coordinator.context
  const other = createCoordinator({ id: 'coordinator-under-test', metadata, packs: running.packs })
  const { content, named } = fileOf('elsewhere')
  const operations = [createOf(ada.id, 1, 'elsewhere', content)]
  const request = { clock: {}, operations, contents: [named], manifests: [], approved: false }
  await other.commits.commit(DEFAULT_FOLDER, ada.id, request)
  expect(link.sent.map(summary)).toEqual(['welcome'])

  signals.publish('change', { folder: DEFAULT_FOLDER })
  signals.publish('change', { folder: DEFAULT_FOLDER })
  await expect.poll(() => link.sent.map(summary)).toEqual(['welcome', 'changes to 1'])
  await ada.save('here', 'here', 2)
  await expect.poll(() => link.sent.map(summary)).toEqual(['welcome', 'changes to 1', 'changes to 2'])
})

test('a node that follows a folder it does not carry is sent away', async () => {
  await using running = await run()
  await running.rest('POST', '/api/v1/folders', { name: 'Private' })
  const bob = await running.enrol('bob')
  const link = open(running, bob.id)
  await link.session.receive(encode({ kind: 'follow', folder: 'private', cursor: LOG_START }))
  expect(link.closed).toEqual([4403])
})

test('a closed session hears nothing more', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const link = open(running, ada.id)
  await link.follow()
  link.session.closed()
  await ada.save('a', 'a', 1)
  expect(link.sent.map(summary)).toEqual(['welcome'])
  expect(running.coordinator.presence.isOnline(ada.id)).toBe(false)
})

function open({ coordinator }: Running, node: NodeId, changes = coordinator.changes) {
  const sent: CoordinatorMessage[] = []
  const closed: number[] = []
  const socket = {
    isFull: false,
    send: (bytes: Uint8Array) => void sent.push(readSocketMessage(bytes)),
    close: (code: number) => void closed.push(code),
  }
  const session = createLinkSession(coordinator.context, { ...coordinator, changes }, node, socket)
  return Object.assign(socket, {
    sent,
    closed,
    session,
    follow: (cursor = LOG_START) => session.receive(encode({ kind: 'follow', folder: DEFAULT_FOLDER, cursor })),
  })
}

function summary(message: CoordinatorMessage | undefined): string {
  if (message === undefined) return 'nothing'
  if (message.kind === 'changes') return `changes to ${message.batch.cursor.seq}`
  return message.kind === 'behind' ? `behind ${message.head}` : message.kind
}
