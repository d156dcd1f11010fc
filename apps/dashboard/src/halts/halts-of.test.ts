import { FolderIdSchema, NodeIdSchema, type FolderReport, type FolderView, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { haltsOf } from './halts-of.ts'

const docs = FolderIdSchema.parse('docs')
const REMOVAL = { reason: '40 of 50 would go', removed: 40, live: 50, sample: ['a'] }

test('what a node holds back is told with how much it is', () => {
  expect(haltsOf(folder(null), [node({ state: 'halted', halted: REMOVAL }), node({ state: 'idle' })])).toMatchObject([
    { kind: 'removal', ...REMOVAL, node: { id: 'ash' } },
  ])
})

test('what a node tells by directory is not told again for the coordinator', () => {
  const held = { from: 'here', files: 40, bytes: 4, directories: [], moreDirectories: 0 } as const
  const halts = haltsOf(folder('too many deletes'), [node({ state: 'halted', halted: { ...REMOVAL, held } })])
  expect(halts).toMatchObject([{ node: { id: 'ash' }, held, obstacle: null }])
})

test('a node that can’t put anything back says why', () => {
  const [halt] = haltsOf(folder(null), [node({ state: 'halted', halted: REMOVAL })])
  expect(halt?.obstacle).toMatch(/older version/)
})

test('what the coordinator holds back is told once, though the node tells it too', () => {
  const echo = { ...REMOVAL, removed: 0, sample: [] }
  expect(haltsOf(folder('too many deletes'), [node({ state: 'halted', halted: echo })])).toMatchObject([
    { node: null, kind: 'removal', reason: 'too many deletes' },
  ])
})

test('a root that is gone is no removal that one could let happen', () => {
  const problems = [{ path: '', code: 'root-missing', message: 'nothing is mounted' }]
  expect(haltsOf(folder(null), [node({ state: 'halted', problems, halted: null })])).toMatchObject([
    { kind: 'root', reason: 'nothing is mounted', removed: 0 },
  ])
})

function folder(halted: string | null): FolderView {
  const settings = {
    deleteBrakeShare: 0.5,
    deleteBrakeMin: 20,
    keepAllDays: 30,
    keepThinnedDays: null,
    quotaBytes: null,
  }
  const counts = { files: 0, directories: 0, symlinks: 0, bytes: 0 }
  const at = '2026-11-22T12:00:00.000Z'
  const rest = { epoch: 'e', head: 0, clock: {}, createdAt: at, openConflicts: 0 }
  return { id: docs, name: 'Docs', settings, halted, counts, ...rest }
}

function node(report: Partial<FolderReport>): NodeView {
  const told = {
    folder: docs,
    state: 'idle',
    cursor: 0,
    pendingUp: 0,
    pendingDown: 0,
    problems: [],
    transfer: null,
  } as const
  const id = NodeIdSchema.parse('ash')
  const at = '2026-11-22T12:00:00.000Z'
  const rights = { folder: docs, node: id, access: 'read-write', paused: false, applied: 0, clock: {} } as const
  const rest = { address: '', port: 0, watchDirectories: [], capabilities: [], version: '' }
  return {
    id,
    name: 'Ash',
    ...rest,
    online: true,
    registeredAt: at,
    lastSeenAt: at,
    revoked: false,
    folders: [{ ...rights, head: 0, behind: 0, report: { ...told, problems: [], ...report } }],
  }
}
