import { FolderIdSchema, NodeIdSchema, type Access, type FolderRight } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { ADMIN, authorize, type Action, type Identity } from './authorize.ts'

const NODE: Identity = { kind: 'node', node: NodeIdSchema.parse('ada') }
const PERSON: Identity = { kind: 'person', person: ADMIN }
const folder = FolderIdSchema.parse('default')
const RIGHTS: readonly FolderRight[] = ['list', 'read', 'send', 'repair', 'change']
const OF_ITSELF = { kind: 'folder', ofItself: true } as const
const FROM_AFAR = { kind: 'folder', ofItself: false } as const

test('whoever has not signed in may do nothing', () => {
  const actions: Action[] = [{ kind: 'administer' }, { kind: 'serve' }, { ...FROM_AFAR, right: 'list' }]
  expect(actions.map((action) => authorize(null, action, null)?.code)).toEqual(actions.map(() => 'not-signed-in'))
})

test('people may do all but what a node does of itself', () => {
  expect(authorize(PERSON, { kind: 'administer' }, null)).toBeNull()
  expect(RIGHTS.map((right) => authorize(PERSON, { ...FROM_AFAR, right }, null))).toEqual(RIGHTS.map(() => null))
  expect(authorize(PERSON, { kind: 'serve' }, null)?.code).toBe('not-allowed')
  expect(authorize(PERSON, { ...OF_ITSELF, right: 'list' }, null)?.code).toBe('not-allowed')
})

test('a node administers nothing, and is nobody in a folder that it does not carry', () => {
  expect(authorize(NODE, { kind: 'serve' }, null)).toBeNull()
  expect(authorize(NODE, { kind: 'administer' }, { folder, access: 'read-write', paused: false })?.code).toBe(
    'not-allowed',
  )
  expect(authorize(NODE, { ...OF_ITSELF, right: 'list' }, null)?.message).toBe('ada does not carry this folder')
})

test.each<[Access, readonly FolderRight[]]>([
  ['read-write', ['list', 'read', 'send', 'repair', 'change']],
  ['send-only', ['list', 'send', 'repair']],
  ['receive-only', ['list', 'read', 'repair']],
])('a node that is %s may do just that in the folder', (access, allowed) => {
  for (const right of RIGHTS) {
    const answer = authorize(NODE, { ...OF_ITSELF, right }, { folder, access, paused: false })
    expect([right, answer?.code ?? null]).toEqual([right, allowed.includes(right) ? null : 'not-allowed'])
  }
})

test('while a node is paused it does nothing of itself, and a person at it may look but change nothing', () => {
  const paused = { folder, access: 'read-write', paused: true } as const
  for (const right of RIGHTS) expect(authorize(NODE, { ...OF_ITSELF, right }, paused)?.code).toBe('paused')
  expect(authorize(NODE, { ...FROM_AFAR, right: 'list' }, paused)).toBeNull()
  expect(authorize(NODE, { ...FROM_AFAR, right: 'change' }, paused)?.code).toBe('paused')
})
