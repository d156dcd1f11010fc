import { FolderIdSchema, NodeIdSchema, type FolderReport, type MembershipView, type NodeView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { conditionOf } from '../../parts/state-mark.tsx'
import { outOfStepBy } from './node-words.ts'

const folder = FolderIdSchema.parse('photos')
const id = NodeIdSchema.parse('ash')

test.each<readonly [words: string, behind: number, report: Partial<FolderReport>]>([
  ['nothing', 0, {}],
  ['2 changes', 2, {}],
  ['18,000 unsent', 0, { pendingUp: 18_000 }],
  ['2 changes, 3 unsent', 2, { pendingUp: 3 }],
  ['looking', 0, { state: 'scanning' }],
])('a node is out of step by %s, and in sync only where that is nothing', (words, behind, report) => {
  const node = nodeWith(behind, report)
  expect(outOfStepBy(node)).toBe(words)
  expect(conditionOf(node)).toBe(words === 'nothing' ? 'in-sync' : 'syncing')
})

test('what a node holds back does not pass for unsent', () => {
  const halted = { reason: '', removed: 45, live: 60, sample: [] }
  expect(outOfStepBy(nodeWith(0, { state: 'halted', pendingUp: 5, halted }))).toBe('45 held back')
})

function nodeWith(behind: number, more: Partial<FolderReport>): NodeView {
  const report: FolderReport = {
    folder,
    state: 'idle',
    cursor: 1,
    pendingUp: 0,
    pendingDown: 0,
    problems: [],
    transfer: null,
    ...more,
  }
  const member: MembershipView = {
    folder,
    node: id,
    access: 'read-write',
    paused: false,
    applied: 1,
    clock: {},
    head: 1,
    behind,
    report,
  }
  return {
    id,
    name: 'ash',
    address: '',
    port: 0,
    watchDirectories: [],
    capabilities: [],
    version: '',
    online: true,
    registeredAt: '',
    lastSeenAt: '',
    revoked: false,
    folders: [member],
  }
}
