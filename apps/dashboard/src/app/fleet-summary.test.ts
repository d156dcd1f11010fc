import {
  FolderIdSchema,
  NodeIdSchema,
  type FolderView,
  type FolderReport,
  type MembershipView,
  type NodeView,
} from '@causeway/protocol'
import { expect, test } from 'vitest'
import { fleetSummary, type Standing } from './fleet-summary.ts'

const photos = FolderIdSchema.parse('photos-1')
const papers = FolderIdSchema.parse('papers-1')
const halted = { reason: '30 would go', removed: 30, live: 40, sample: [] }
const lost = { path: '', code: 'root-missing', message: 'the directory is gone' }
const problem = { path: 'a.txt', code: 'disk-full', message: 'no room' }

const all = [folder(photos, 'Photos', 48_210, 1_320_000_000)]

test.each<readonly [sentence: string, standing: Partial<Standing>]>([
  ['Loading…', { connection: 'connecting' }],
  ['No node has a folder yet. Add the first one.', { nodes: [node('elm', { folders: [] })] }],
  ['Both nodes hold the same.', { folders: undefined }],
  ['Both nodes hold the same 48,210 files (1.32 GB).', {}],
  ['ash holds all 48,210 files (1.32 GB).', { nodes: [node('ash')] }],
  [
    'Both nodes hold the same 48,210 files (1.32 GB). 1 conflict waits for you.',
    { folders: [{ ...folder(photos, 'Photos', 48_210, 1_320_000_000), openConflicts: 1 }] },
  ],
  [
    'Both nodes are up to date: 48,212 files (1.32 GB) in 2 folders.',
    {
      folders: [...all, folder(papers, 'Papers', 2, 12)],
      nodes: [node('ash', { folders: [member(), member({ folder: papers })] }), node('birch')],
    },
  ],
  ['All 3 nodes hold the same 48,210 files (1.32 GB).', { nodes: [node('ash'), node('birch'), node('elm')] }],
  ['A folder nobody carries is not counted', { folders: [...all, folder(papers, 'Papers', 7, 12)] }],
  [
    'The 2 nodes that are online hold the same 48,210 files (1.32 GB); elm is offline.',
    { nodes: [node('ash'), node('birch'), node('elm', { online: false })] },
  ],
  [
    'Both nodes are offline. They held everything when they were last seen.',
    { nodes: [node('ash', { online: false }), node('birch', { online: false })] },
  ],
  [
    'atlas is 214 changes behind in Photos, 1.30 GB to go, about 2 min left.',
    {
      nodes: [
        node('ash'),
        node('atlas', {
          folders: [
            member({
              behind: 214,
              report: report({
                transfer: { files: 1, filesTotal: 214, bytes: 0, bytesTotal: 1_300_000_000 },
                secondsLeft: 125,
              }),
            }),
          ],
        }),
      ],
    },
  ],
  [
    'atlas is offline, over 10,000 changes behind in Photos.',
    { nodes: [node('ash'), node('atlas', { online: false, folders: [member({ behind: null, report: null })] })] },
  ],
  ['2 of 3 nodes are behind: atlas and birch.', { nodes: [node('ash'), behind('atlas', 1), behind('birch', 2)] }],
  [
    'ash has 18,000 unsent changes.',
    { nodes: [node('ash', { folders: [member({ report: report({ pendingUp: 18_000 }) })] }), node('birch')] },
  ],
  [
    'birch is 2 changes behind in Photos. ash has 1 unsent change.',
    { nodes: [node('ash', { folders: [member({ report: report({ pendingUp: 1 }) })] }), behind('birch', 2)] },
  ],
  [
    'ash is looking through Photos.',
    { nodes: [node('ash', { folders: [member({ report: report({ state: 'scanning' }) })] }), node('birch')] },
  ],
  [
    'birch is paused in Photos, 1 change behind.',
    { nodes: [node('ash'), node('birch', { folders: [member({ behind: 1, paused: true })] })] },
  ],
  [
    'birch has 1 problem.',
    { nodes: [node('ash'), node('birch', { folders: [member({ report: report({ problems: [problem] }) })] })] },
  ],
  [
    'birch has halted in Photos and waits for you. ash is 4 changes behind in Photos.',
    {
      nodes: [
        behind('ash', 4),
        node('birch', { folders: [member({ report: report({ state: 'halted', problems: [lost] }) })] }),
      ],
    },
  ],
  [
    'birch holds back the removal of 30 entries in Photos and waits for you. 2 conflicts wait for you. ash has 1 problem. ash has 3 unsent changes.',
    {
      folders: [{ ...folder(photos, 'Photos', 48_210, 1_320_000_000), openConflicts: 2 }],
      nodes: [
        node('ash', { folders: [member({ report: report({ pendingUp: 3, problems: [problem] }) })] }),
        node('birch', { folders: [member({ report: report({ state: 'halted', halted, pendingUp: 30 }) })] }),
      ],
    },
  ],
  [
    '1 conflict waits for you in Photos. 2 conflicts wait for you in Papers. birch is 1 change behind in Photos.',
    {
      folders: [
        { ...folder(photos, 'Photos', 48_210, 1_320_000_000), openConflicts: 1 },
        { ...folder(papers, 'Papers', 2, 12), openConflicts: 2 },
      ],
      nodes: [node('ash'), behind('birch', 1)],
    },
  ],
  [
    '3 of 3 nodes are behind: vm (3f2a91), vm (77b0c4) and elm.',
    { nodes: [sameName('vm-3f2a91'), sameName('vm-77b0c4'), behind('elm', 1)] },
  ],
])('%s', (sentence, standing) => {
  const told = said(standing).map(({ text }) => text)
  expect(told.join(' ')).toBe(
    sentence.startsWith('A folder') ? 'Both nodes hold the same 48,210 files (1.32 GB).' : sentence,
  )
})

test('each thing that is amiss leads to where it is settled', () => {
  const parts = said({
    folders: [{ ...folder(photos, 'Photos', 48_210, 1_320_000_000), openConflicts: 2 }],
    nodes: [
      node('ash', { folders: [member({ report: report({ pendingUp: 3, problems: [problem] }) })] }),
      node('birch', { folders: [member({ report: report({ state: 'halted', halted }) })] }),
    ],
  })
  expect(parts.map(({ tone, at }) => [tone, at])).toEqual([
    ['halted', { to: '/', hash: 'halts' }],
    ['attention', { to: '/', search: { folder: 'photos-1', view: 'conflicts' } }],
    ['attention', { to: '/monitor', hash: 'problems-title' }],
    ['plain', { to: '/', search: { node: 'ash' } }],
  ])
})

test('what the coordinator alone holds back is told, and a removal that a node keeps back does not pass for being behind', () => {
  const text = (standing: Partial<Standing>) => said(standing).map((part) => part.text)
  const held = { from: 'elsewhere', files: 1, bytes: 1, directories: [], moreDirectories: 0 } as const
  expect(text({ folders: [{ ...folder(photos, 'Photos', 1, 1), halted: 'too much' }] })).toEqual([
    'A removal is held back in Photos and waits for you.',
  ])
  const kept = report({ state: 'halted', halted: { ...halted, held } })
  expect(text({ nodes: [node('ash', { folders: [member({ behind: 30, report: kept })] })] })).toEqual([
    'ash holds back the removal of 30 entries in Photos and waits for you.',
  ])
})

function said(standing: Partial<Standing>) {
  return fleetSummary({
    connection: 'live',
    nodes: [node('ash'), node('birch')],
    folders: all,
    ...standing,
  })
}

function sameName(id: string): NodeView {
  return { ...behind('vm', 1), id: NodeIdSchema.parse(id) }
}

function node(name: string, more: Partial<NodeView> = {}): NodeView {
  return {
    id: NodeIdSchema.parse(name),
    name,
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    registeredAt: '',
    lastSeenAt: '',
    revoked: false,
    folders: [member()],
    ...more,
  }
}

function behind(name: string, changes: number): NodeView {
  return node(name, { folders: [member({ behind: changes })] })
}

function member(more: Partial<MembershipView> = {}): MembershipView {
  return {
    folder: photos,
    node: NodeIdSchema.parse('any'),
    access: 'read-write',
    paused: false,
    applied: 1,
    clock: {},
    head: 1,
    behind: 0,
    report: report(),
    ...more,
  }
}

function report(more: Partial<FolderReport> = {}): FolderReport {
  return {
    folder: photos,
    state: 'idle',
    cursor: 1,
    pendingUp: 0,
    pendingDown: 0,
    problems: [],
    transfer: null,
    ...more,
  }
}

function folder(id: FolderView['id'], name: string, files: number, bytes: number): FolderView {
  return {
    id,
    name,
    epoch: 'e',
    head: 1,
    clock: {},
    settings: { deleteBrakeShare: 0.5, deleteBrakeMin: 10, keepAllDays: 30, keepThinnedDays: null, quotaBytes: null },
    halted: null,
    createdAt: '',
    counts: { files, directories: 0, symlinks: 0, bytes },
    openConflicts: 0,
  }
}
