import { expect, test } from 'vitest'
import { readOptions, ROOT } from './options.ts'

test('without anything set it takes the documented defaults', () => {
  expect(readOptions([], {})).toEqual({
    dir: `${ROOT}/demo`,
    nodes: 3,
    host: '127.0.0.1',
    port: 8000,
    dashboardPort: 3000,
    onceReady: false,
    samples: true,
    signIn: true,
    help: false,
  })
})

test('a directory is meant from where npm was called', () => {
  expect(readOptions(['--dir', 'x'], { INIT_CWD: '/somewhere' }).dir).toBe('/somewhere/x')
})

test('a variable set to nothing counts as not set', () => {
  expect(readOptions([], { COORDINATOR_PORT: '', COORDINATOR_HOST: '' })).toMatchObject({
    port: 8000,
    host: '127.0.0.1',
  })
})

test.each([
  [['--nodes', '0'], {}, '--nodes'],
  [['--nodes', '13'], {}, '--nodes'],
  [['--nodes', 'many'], {}, '--nodes'],
  [[], { COORDINATOR_PORT: '70000' }, 'COORDINATOR_PORT'],
  [[], { DASHBOARD_PORT: '3000.5' }, 'DASHBOARD_PORT'],
  [[], { COORDINATOR_HOST: '0.0.0.0' }, 'COORDINATOR_HOST'],
  [[], { COORDINATOR_HOST: '127.evil.example' }, 'COORDINATOR_HOST'],
  [['--what'], {}, '--what'],
])('%j with %j is refused by name', (args, env, name) => {
  expect(() => readOptions(args, env)).toThrow(name)
})
