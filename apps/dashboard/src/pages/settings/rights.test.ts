import { FolderIdSchema, NodeIdSchema, type MembershipView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { standingOf } from './rights.ts'

const MEMBER: MembershipView = {
  folder: FolderIdSchema.parse('docs'),
  node: NodeIdSchema.parse('ash'),
  access: 'read-write',
  paused: false,
  applied: 0,
  clock: {},
  head: 0,
  behind: 0,
  report: null,
}
const REPORT = { folder: MEMBER.folder, cursor: 0, pendingUp: 0, pendingDown: 0, problems: [], transfer: null }

test.each([
  ['in sync', {}, true],
  ['2 changes behind', { behind: 2 }, true],
  ['over 10,000 changes behind', { behind: null }, true],
  ['offline, in sync', {}, false],
  ['pausing …', { paused: true }, true],
  ['paused, 1 change behind', { paused: true, behind: 1, report: { ...REPORT, state: 'paused' } }, true],
  ['halted', { report: { ...REPORT, state: 'halted' } }, true],
] as const)('%s', (words, change, online) => {
  expect(standingOf({ ...MEMBER, ...change, report: report(change) }, online)).toBe(words)
})

function report(change: object): MembershipView['report'] {
  return 'state' in change || !('report' in change) ? null : { ...REPORT, ...(change.report as { state: 'paused' }) }
}
