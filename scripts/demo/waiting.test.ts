import { FolderReportSchema, FolderViewSchema, MembershipViewSchema, NodeViewSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { waitingLines, whatWaits } from './waiting.ts'
import { news } from './watch.ts'

const PLACES = { dashboard: 'http://127.0.0.1:3000', stateOf: (node: string) => `demo/state/${node}` }
const AT = '2026-11-29T14:00:00.000Z'

function folder(openConflicts = 0) {
  return FolderViewSchema.parse({
    id: 'demo',
    name: 'demo',
    epoch: 'e',
    head: 3,
    clock: {},
    settings: { deleteBrakeShare: 0.5, deleteBrakeMin: 20, keepAllDays: 30, keepThinnedDays: null, quotaBytes: null },
    halted: null,
    createdAt: AT,
    counts: { files: 1, directories: 0, symlinks: 0, bytes: 1 },
    openConflicts,
  })
}

function atlas(report: Record<string, unknown> = {}) {
  const told = FolderReportSchema.parse({
    folder: 'demo',
    state: 'idle',
    cursor: 3,
    pendingUp: 0,
    pendingDown: 0,
    problems: [],
    transfer: null,
    halted: null,
    provedAt: null,
    ...report,
  })
  const member = MembershipViewSchema.parse({
    folder: 'demo',
    node: 'atlas-1',
    access: 'read-write',
    paused: false,
    applied: 3,
    clock: {},
    head: 3,
    behind: 0,
    report: told,
  })
  return NodeViewSchema.parse({
    id: 'atlas-1',
    name: 'atlas',
    address: 'vm',
    port: 1,
    watchDirectories: ['/demo/atlas'],
    capabilities: [],
    version: '1',
    online: true,
    registeredAt: AT,
    lastSeenAt: AT,
    revoked: false,
    folders: [member],
  })
}

const HALT = { state: 'halted', halted: { reason: 'too much', removed: 30, live: 31, sample: ['a'] } }

test('where all is well nothing waits', () => {
  expect(whatWaits([folder()], [atlas()], PLACES)).toEqual([])
})

test('a halt stands with the page where it is settled and the commands', () => {
  const [halt] = whatWaits([folder()], [atlas(HALT)], PLACES)
  expect(halt === undefined ? [] : waitingLines(halt)).toEqual([
    '▲ atlas is halted in demo: 30 entries of 31 vanished from its directory. Nothing was deleted elsewhere until you decide.',
    '    on the page:    http://127.0.0.1:3000/#halts',
    '    in a terminal:  bin/causeway resume demo --state demo/state/atlas --put-back   (it was a mistake: put them back)',
    '    in a terminal:  bin/causeway resume demo --state demo/state/atlas   (the deletion was meant)',
  ])
})

test('halts come before conflicts, conflicts before problems', () => {
  const problems = [{ path: 'x\u001b[2J', code: 'kept', message: 'is in the way' }]
  const waiting = whatWaits([folder(2)], [atlas({ ...HALT, problems })], PLACES)
  expect(waiting.map(({ what }) => what)).toEqual([
    expect.stringContaining('atlas is halted in demo'),
    '2 conflicts in demo wait for a choice. Both versions of each are kept.',
    'atlas has 1 problem in demo: x\\u001b[2J: is in the way. Move it away, or take its pattern out of .causewayignore.',
  ])
})

test('a full disk says what to do, and that nobody has to start anything', () => {
  const problems = [{ path: '', code: 'disk-full', message: 'no space is left on the disk' }]
  const [full] = whatWaits([folder()], [atlas({ problems })], PLACES)
  expect(full?.what).toBe(
    'atlas has 1 problem in demo: no space is left on the disk. Free some space on that machine; syncing then continues.',
  )
})

test('what is new or has changed is told, and what is resolved; what stands is not told again', () => {
  const one = whatWaits([folder(1)], [atlas()], PLACES)
  const two = whatWaits([folder(2)], [atlas()], PLACES)
  expect(news(one, one)).toEqual([])
  expect(news([], one)[0]).toBe('▲ 1 conflict in demo waits for a choice. Both versions of each are kept.')
  expect(news(one, two)[0]).toContain('2 conflicts')
  expect(news(two, [])).toEqual(['✓ Resolved: 2 conflicts in demo'])
  expect(news(whatWaits([folder()], [atlas(HALT)], PLACES), [])).toEqual(['✓ Resolved: the halt of atlas in demo'])
})
