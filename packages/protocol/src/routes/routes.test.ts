import { expect, test } from 'vitest'
import { pathOf } from './path-of.ts'
import { namesFolder, type Route } from './route.ts'
import { allRoutes, ROUTES } from './routes.ts'

/** Whoever adds one here has thought about what a stranger can do with it. */
const PUBLIC = [
  'GET /api/v1/sign-in',
  'GET /api/v1/sign-in/openid',
  'GET /api/v1/sign-in/openid/callback',
  'GET /health',
  'GET /healthz',
  'GET /readyz',
  'POST /api/v1/enrol',
  'POST /api/v1/person-invites/accept',
  'POST /api/v1/person-invites/look',
  'POST /api/v1/session',
  'POST /link/v1/challenge',
  'POST /link/v1/session',
]

/** Asks by POST, because the question is too long for an address. */
const ONLY_ASKS = ['POST /api/v1/folders/:folder/entries/everything/count']

test('no two routes have one method and path', () => {
  const named = allRoutes().map(nameOf)
  expect(named.length).toBe(new Set(named).size)
})

test('what is open to anybody is named here', () => {
  const open = allRoutes().filter(({ access }) => access === 'public')
  expect(open.map(nameOf).toSorted()).toEqual(PUBLIC)
})

test('a route for nodes that names a folder says what it needs there, and no other does', () => {
  for (const route of allRoutes()) {
    const isForNodes = route.access === 'node' || route.access === 'member'
    expect([nameOf(route), route.right !== undefined]).toEqual([nameOf(route), isForNodes && namesFolder(route)])
  }
})

test('a route for members names the folder that they are members of', () => {
  const members = allRoutes().filter(({ access }) => access === 'member')
  expect(members.filter((route) => !namesFolder(route)).map(nameOf)).toEqual([])
})

test('what changes a folder from afar needs the right to change it, or a person', () => {
  const changes = allRoutes().filter(({ access, method }) => access === 'member' && method !== 'GET')
  const others = changes.filter(({ right }) => right !== 'change')
  expect(others.map(nameOf)).toEqual(ONLY_ASKS)
})

test('a route checks the parameters that its path names, all of them and no others', () => {
  for (const route of allRoutes()) {
    const named = [...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name)
    expect([nameOf(route), Object.keys(route.params?.shape ?? {})]).toEqual([nameOf(route), named])
  }
})

test('a path is filled in with values that stay one segment each', () => {
  expect(pathOf(ROUTES.conflicts.settle, { folder: 'a/../b', copy: 'x?y#z' })).toBe(
    '/api/v1/folders/a%2F..%2Fb/conflicts/x%3Fy%23z/settle',
  )
  expect(pathOf(ROUTES.history.versionContent, { folder: 'docs', seq: 7 })).toBe(
    '/api/v1/folders/docs/versions/7/content',
  )
})

function nameOf({ method, path }: Route): string {
  return `${method} ${path}`
}
