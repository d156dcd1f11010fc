import {
  FolderIdSchema,
  NodeIdSchema,
  PersonIdSchema,
  type Access,
  type FolderRight,
  type FolderRole,
} from '@causeway/protocol'
import { expect, test } from 'vitest'
import { authorize, type Action, type Identity } from './authorize.ts'
import { ALL_RIGHTS, narrowed, rightsOf, type PersonRights } from './person-rights.ts'

const NODE: Identity = { kind: 'node', node: NodeIdSchema.parse('ada') }
const person = (rights: PersonRights): Identity => {
  return { kind: 'person', person: { id: PersonIdSchema.parse('eve'), name: 'Eve' }, rights }
}
const ADMIN = person(ALL_RIGHTS)
const ADMINISTER = { kind: 'administer', changes: true } as const
const folder = FolderIdSchema.parse('default')
const RIGHTS: readonly FolderRight[] = ['list', 'read', 'send', 'repair', 'change']
const OF_ITSELF = { kind: 'folder', ofItself: true } as const
const FROM_AFAR = { kind: 'folder', ofItself: false } as const

test('whoever has not signed in may do nothing', () => {
  const actions: Action[] = [ADMINISTER, { kind: 'look' }, { kind: 'serve' }, { ...FROM_AFAR, right: 'list' }]
  expect(actions.map((action) => authorize(null, action, null)?.code)).toEqual(actions.map(() => 'not-signed-in'))
})

test('an admin may do all but what a node does of itself', () => {
  expect(authorize(ADMIN, ADMINISTER, null)).toBeNull()
  expect(RIGHTS.map((right) => authorize(ADMIN, { ...FROM_AFAR, right }, null))).toEqual(RIGHTS.map(() => null))
  expect(authorize(ADMIN, { kind: 'serve' }, null)?.code).toBe('not-allowed')
  expect(authorize(ADMIN, { ...OF_ITSELF, right: 'list' }, null)?.code).toBe('not-allowed')
})

test.each<[FolderRole, readonly FolderRight[]]>([
  ['viewer', ['list', 'read']],
  ['editor', ['list', 'read', 'send', 'repair', 'change']],
])('a person who is %s of a folder may do just that in it, and administers nothing', (role, allowed) => {
  const eve = person(rightsOf(false, [{ folder, role }]))
  for (const right of RIGHTS) {
    const answer = authorize(eve, { ...FROM_AFAR, right }, { folder })
    expect([right, answer?.code ?? null]).toEqual([right, allowed.includes(right) ? null : 'not-allowed'])
  }
  expect(authorize(eve, ADMINISTER, null)?.code).toBe('not-allowed')
  expect(authorize(eve, { kind: 'administer', changes: false }, null)?.code).toBe('not-allowed')
  expect(authorize(eve, { kind: 'look' }, null)).toBeNull()
})

test('a folder that is none of theirs is, for a person, one that is not there', () => {
  const eve = person(rightsOf(false, [{ folder: FolderIdSchema.parse('other'), role: 'editor' }]))
  for (const right of RIGHTS) {
    const answer = authorize(eve, { ...FROM_AFAR, right }, { folder })
    expect([answer?.code, answer?.message]).toEqual(['not-found', 'there is no folder default'])
  }
})

test('a token does no more than its scope says, and never more than its person', () => {
  const all = { scope: 'admin', folders: null } as const
  const viewer = rightsOf(false, [{ folder, role: 'viewer' }])
  expect(narrowed(viewer, all)).toEqual(viewer)
  expect(narrowed(viewer, { scope: 'write', folders: [folder] }).folders.get(folder)).toBe('viewer')
  const other = FolderIdSchema.parse('other')
  expect([...narrowed(viewer, { scope: 'write', folders: [other] }).folders]).toEqual([])
  expect(narrowed(ALL_RIGHTS, all)).toEqual(ALL_RIGHTS)
  expect(narrowed(ALL_RIGHTS, { scope: 'write', folders: null })).toMatchObject({
    administers: 'reads',
    everywhere: 'editor',
  })
  expect(narrowed(ALL_RIGHTS, { scope: 'read', folders: null })).toMatchObject({
    administers: 'reads',
    everywhere: 'viewer',
  })
  const inOne = narrowed(ALL_RIGHTS, { scope: 'admin', folders: [folder] })
  expect(inOne).toEqual({ administers: 'nothing', everywhere: null, folders: new Map([[folder, 'editor']]) })
  const reads = person(narrowed(ALL_RIGHTS, { scope: 'read', folders: null }))
  expect(authorize(reads, { kind: 'administer', changes: false }, null)).toBeNull()
  expect(authorize(reads, ADMINISTER, null)?.code).toBe('not-allowed')
  expect(authorize(reads, { ...FROM_AFAR, right: 'change' }, { folder })?.code).toBe('not-allowed')
})

test('a node administers nothing, and is nobody in a folder that it does not carry', () => {
  expect(authorize(NODE, { kind: 'serve' }, null)).toBeNull()
  expect(authorize(NODE, ADMINISTER, { folder, access: 'read-write', paused: false })?.code).toBe('not-allowed')
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
