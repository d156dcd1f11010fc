import { FolderIdSchema, NodeIdSchema, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { standOf, standsOf, standWords, waitingOf, worst } from './stands.ts'

const folder = FolderIdSchema.parse('docs')
const wanted = { path: 'a/b.txt', seq: 10 }

test.each([
  ['a node that is there has it', { applied: 10 }, {}, { kind: 'has' }],
  ['one on the way to it says how far it is', { applied: 9, behind: 3 }, {}, { kind: 'coming', changes: 3 }],
  ['a paused one is paused', { paused: true }, {}, { kind: 'paused' }],
  ['an offline one says since when', {}, { online: false }, { kind: 'offline', since: '2026-11-22T11:00:00.000Z' }],
  ['paused says more than offline', { paused: true }, { online: false }, { kind: 'paused' }],
  ['one that only sends is not waited for', { access: 'send-only' }, {}, null],
] as const)('%s', (_name, member, node, stand) => {
  expect(standOf(nodeWith(member, node), folder, wanted)).toEqual(stand)
})

test('a node of another folder is not waited for', () => {
  expect(standOf(nodeWith({}), FolderIdSchema.parse('other'), wanted)).toBe(null)
})

test('a problem with the path, or with a directory above it, is why', () => {
  const report = { folder, state: 'idle', cursor: 9, pendingUp: 0, pendingDown: 1, transfer: null } as const
  const problem = { path: 'a', code: 'io-error', message: 'a cannot be written: no permission' }
  const held = nodeWith({ report: { ...report, problems: [problem] } })
  expect(standOf(held, folder, wanted)).toEqual({ kind: 'problem', code: problem.code, message: problem.message })
  const other = nodeWith({ report: { ...report, problems: [{ ...problem, path: 'a/b.txt.bak' }] } })
  expect(standOf(other, folder, wanted)?.kind).toBe('coming')
})

test('those that wait are told apart, and the worst stands out', () => {
  const nodes = [nodeWith({}, { name: 'zoe' }), nodeWith({ paused: true }, { name: 'ann' }), nodeWith({ applied: 12 })]
  expect(standsOf(nodes, folder, wanted).map(({ name }) => name)).toEqual(['Ash', 'ann', 'zoe'])
  const waiting = waitingOf(nodes, folder, wanted)
  expect(waiting.map(({ name }) => name)).toEqual(['ann', 'zoe'])
  expect(worst(waiting)?.name).toBe('ann')
})

test('why it waits is said in words', () => {
  expect(standWords({ kind: 'coming', changes: 1 }, String)).toBe('on its way, 1 change behind')
  expect(standWords({ kind: 'offline', since: 'x' }, () => '2 h ago')).toBe('offline, last seen 2 h ago')
})

function nodeWith(member: Partial<NodeView['folders'][number]>, node: Partial<NodeView> = {}): NodeView {
  const id = NodeIdSchema.parse((node.name ?? 'ash').toLowerCase())
  const about = { address: '', port: 0, watchDirectories: [], capabilities: [], version: '', revoked: false }
  return {
    id,
    name: 'Ash',
    online: true,
    registeredAt: '2026-11-22T10:00:00.000Z',
    lastSeenAt: '2026-11-22T11:00:00.000Z',
    ...about,
    folders: [
      {
        folder,
        node: id,
        access: 'read-write',
        paused: false,
        applied: 0,
        clock: {},
        head: 10,
        behind: 1,
        report: null,
        ...member,
      },
    ],
    ...node,
  }
}
