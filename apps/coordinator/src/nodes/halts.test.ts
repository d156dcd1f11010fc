import { entryIdOf, FolderReportSchema, type FolderReport, type HaltReport } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { DEFAULT_FOLDER, run, type Running, type TestNode, type TestSocket } from '../test-support/running.ts'

const held = { from: 'here', files: 30, bytes: 300, directories: [], moreDirectories: 0 } as const
const halt: HaltReport = { reason: '30 of 40 would go', removed: 30, live: 40, sample: ['a'], held }

test('what one node holds back is let go by that node alone, and history says who let what go', async () => {
  await using running = await run()
  const ada = await halted(running, 'ada', halt)
  const bob = await halted(running, 'bob', halt)
  await settled(running, ada.node, 'let-go')
  expect(await ada.socket.next()).toEqual({ kind: 'resume', folder: DEFAULT_FOLDER })
  await settled(running, bob.node, 'put-back')
  expect(await bob.socket.next()).toEqual({ kind: 'put-back', folder: DEFAULT_FOLDER })
  const { events } = (await running.rest('GET', '/api/v1/events?kinds=resume,restore')).body
  expect(events.map(({ kind, reason }: { kind: string; reason: string }) => [kind, reason])).toEqual([
    ['restore', 'A person put back 30 entries that bob held back.'],
    ['resume', 'A person let ada remove 30 entries: 30 of 40 would go.'],
  ])
})

test('nothing is settled of a node that holds nothing back, is away, or may not have back what is gone', async () => {
  await using running = await run()
  const idle = await halted(running, 'idle', null)
  const away = await running.enrol('away')
  const sender = await halted(running, 'sender', halt, 'send-only')
  const old = await halted(running, 'old', { ...halt, held: undefined })
  expect(await refusal(running, idle.node, 'let-go')).toBe('idle holds nothing back in default')
  expect(await refusal(running, away, 'let-go')).toMatch(/^away is offline/)
  expect(await refusal(running, sender.node, 'put-back')).toMatch(/^sender only sends this folder/)
  expect(await refusal(running, old.node, 'put-back')).toMatch(/^old runs an older version/)
  expect((await running.rest('POST', '/api/v1/folders/default/halts/nobody', { choice: 'let-go' })).status).toBe(404)
})

test('a folder is no longer halted once no node holds anything back, however that came about', async () => {
  await using running = await run()
  const { metadata } = running.coordinator.context
  await metadata.write((tx) => tx.updateFolder(DEFAULT_FOLDER, { halted: 'too much at once' }))
  const ada = await halted(running, 'ada', halt)
  expect((await running.coordinator.folders.get(DEFAULT_FOLDER)).halted).toBe('too much at once')
  ada.socket.send({ kind: 'report', report: report(null) })
  await expect.poll(async () => (await running.coordinator.folders.get(DEFAULT_FOLDER)).halted).toBeNull()
})

test('what the coordinator holds back leaves one event, with whose deletion it was', async () => {
  await using running = await run()
  const ada = await running.enrol('ada')
  const counters = Array.from({ length: 30 }, (_, index) => index + 1)
  for (const counter of counters) await ada.save(`file ${counter}`, 'a text', counter)
  const operations = counters.map((created) => {
    const seen = { [ada.id]: created }
    const entry = entryIdOf(ada.id, created)
    return { kind: 'delete' as const, counter: 30 + created, entry, seenContent: seen, seenPlace: seen, subtree: false }
  })
  const request = { clock: { [ada.id]: 30 }, operations }
  const refused = operations.map(() => ({ kind: 'refused', refusal: 'halted' }))
  expect((await ada.commit(request)).outcomes).toMatchObject(refused)
  // A folder that is halted refuses again, but does not halt again.
  expect((await ada.commit(request)).outcomes).toMatchObject(refused)

  const { halted } = (await running.rest('GET', '/api/v1/folders/default')).body
  expect(halted).toContain('would remove 30 of 30 entries')
  const { events } = (await running.rest('GET', '/api/v1/events?kinds=halt')).body
  expect(events).toMatchObject([
    { node: 'coordinator', entry: null, reason: `Held back a mass deletion by ada: ${halted}.` },
  ])
})

async function halted(
  running: Running,
  name: string,
  told: HaltReport | null,
  access: 'read-write' | 'send-only' = 'read-write',
): Promise<{ readonly node: TestNode; readonly socket: TestSocket }> {
  const node = await running.enrol(name, access)
  const socket = await node.socket()
  expect(await socket.next()).toMatchObject({ kind: 'welcome' })
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: { epoch: '', seq: 0, tag: '' } })
  socket.send({ kind: 'report', report: report(told) })
  await expect.poll(() => running.coordinator.presence.report(node.id, DEFAULT_FOLDER)).not.toBeNull()
  return { node, socket }
}

function report(told: HaltReport | null): FolderReport {
  const state = told === null ? 'idle' : 'halted'
  const counts = { cursor: 0, pendingUp: 0, pendingDown: 0, problems: [], transfer: null }
  return FolderReportSchema.parse({ folder: DEFAULT_FOLDER, state, ...counts, halted: told })
}

function answer(running: Running, { id }: TestNode, choice: string) {
  return running.rest('POST', `/api/v1/folders/default/halts/${id}`, { choice })
}

async function settled(running: Running, node: TestNode, choice: string): Promise<void> {
  expect(await answer(running, node, choice)).toMatchObject({ status: 200, body: { halted: null } })
}

async function refusal(running: Running, node: TestNode, choice: string): Promise<string> {
  return (await answer(running, node, choice)).body.error.message
}
