import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

test('flags win over the environment, and what is not set has its default', () => {
  const environment = { COORDINATOR_PORT: '9000', DASHBOARD_PORT: '', COORDINATOR_ALLOWED_HOSTS: 'files.example, nas' }
  expect(readConfig(['--data', '/data', '--port', '0'], environment)).toEqual({
    dataDirectory: '/data',
    host: '127.0.0.1',
    port: 0,
    dashboardPort: 3000,
    instance: hostname(),
    drainSeconds: 10,
    drainNoticeSeconds: 0,
    databasePath: '/data/coordinator.sqlite',
    databaseUrl: null,
    busUrl: null,
    chunks: undefined,
    allowedHosts: ['files.example', 'nas'],
    trustedProxies: [],
    transport: { kind: 'plain' },
    auth: true,
    logLevel: 'info',
    rebuildIndex: false,
  })
})

test('the reserve of free space is read from the flag or the environment', () => {
  expect(readConfig(['--data', 'd', '--reserve', '2G'], { DISK_RESERVE: '1G' })).toMatchObject({
    reserveBytes: 2 ** 31,
  })
  expect(readConfig(['--data', 'd'], { DISK_RESERVE: '0' })).toMatchObject({ reserveBytes: 0 })
})

test.each([
  ['no data directory', []],
  ['a flag that is none', ['--data', 'd', '--prot', '1']],
  ['a port that is none', ['--data', 'd', '--port', '99999']],
  ['a proxy that is no address', ['--data', 'd', '--trust-proxy', 'proxy.example']],
  ['a network that is none', ['--data', 'd', '--trust-proxy', '10.0.0.0/33']],
  ['no sign-in on all addresses', ['--data', 'd', '--no-auth', '--host', '0.0.0.0']],
  ['no sign-in on a name that only looks local', ['--data', 'd', '--no-auth', '--host', '127.0.0.1.example']],
])('%s is refused', (_name, args) => {
  expect(() => readConfig(args, {})).toThrow(expect.objectContaining({ code: 'bad-request' }))
})

test('trusted proxies are addresses and networks, from a flag or the environment', () => {
  expect(readConfig(['--data', 'd'], { TRUST_PROXY: '127.0.0.1' })).toMatchObject({ trustedProxies: ['127.0.0.1'] })
  const flagged = readConfig(['--data', 'd', '--trust-proxy', '10.0.0.0/8, ::1'], { TRUST_PROXY: '127.0.0.1' })
  expect(flagged).toMatchObject({ trustedProxies: ['10.0.0.0/8', '::1'] })
})

test('where contents are kept is read from the flag or the environment, and secrets in it are not repeated', () => {
  const chunks = 's3://bucket/prefix?endpoint=http://127.0.0.1:9000'
  const expected = { bucket: 'bucket', prefix: 'prefix/', endpoint: 'http://127.0.0.1:9000' }
  expect(readConfig(['--data', 'd', '--chunks', chunks], { CHUNKS_URL: 's3://another' })).toMatchObject({
    chunks: expected,
  })
  expect(readConfig(['--data', 'd'], { CHUNKS_URL: chunks })).toMatchObject({ chunks: expected })
  const withSecret = () => readConfig(['--data', 'd', '--chunks', 's3://key:secret@bucket'], {})
  expect(withSecret).toThrow(expect.objectContaining({ code: 'bad-request' }))
  expect(withSecret).not.toThrow('secret')
})

test.each([
  [['--port', '99999'], {}, '--port "99999": must be a port number from 0 to 65535'],
  [['--reserve', '5%'], {}, '--reserve "5%": must be a number of bytes, or like 512M or 2G'],
  [['--dashboard-port', 'web'], {}, '--dashboard-port "web": must be a port number'],
  [[], { COORDINATOR_PORT: '99999' }, 'COORDINATOR_PORT "99999": must be a port number'],
  [[], { LOG_LEVEL: 'loud' }, 'LOG_LEVEL "loud": must be one of trace, debug, info'],
  [['--trust-proxy', 'proxy.example'], { TRUST_PROXY: '::1' }, '--trust-proxy "proxy.example": must be addresses'],
  [['--prot', '1'], {}, "Unknown option '--prot'"],
])('a setting that does not fit is named as it was given: %j %j', (args, environment, message) => {
  expect(() => readConfig(['--data', 'd', ...args], environment)).toThrow(message)
})

test('no sign-in is allowed on loopback', () => {
  expect(readConfig(['--data', 'd', '--no-auth', '--host', '::1'], {})).toMatchObject({ auth: false, host: '::1' })
})

test('a database elsewhere is named by a flag or the environment', () => {
  const [flag, variable] = ['postgres://ada@db/one', 'postgresql://ada:secret@db/two']
  expect(readConfig(['--data', 'd'], { DATABASE_URL: variable })).toMatchObject({ databaseUrl: variable })
  const both = readConfig(['--data', 'd', '--database', flag], { DATABASE_URL: variable })
  expect(both).toMatchObject({ databaseUrl: flag })
})

test('a database that is not given as it must be is refused without its password', () => {
  for (const url of ['mysql://ada:secret@db/x', 'postgres://ada:secret@:x', 'secret']) {
    const read = () => readConfig(['--data', 'd'], { DATABASE_URL: url })
    expect(read).toThrow(/postgres:\/\/USER/)
    expect(read).not.toThrow(/secret/)
  }
})

test('a bus is named by a flag or the environment, next to a database; its password is not repeated', () => {
  const [database, bus] = ['postgres://ada@db/one', 'nats://ada:secret@bus']
  const environment = { DATABASE_URL: database, BUS_URL: bus }
  expect(readConfig(['--data', 'd'], environment)).toMatchObject({ busUrl: bus })
  expect(readConfig(['--data', 'd', '--bus', 'tls://bus'], environment)).toMatchObject({ busUrl: 'tls://bus' })
  const alone = () => readConfig(['--data', 'd'], { BUS_URL: bus })
  expect(alone).toThrow(/share a database.*--database/)
  const mistyped = () => readConfig(['--data', 'd'], { ...environment, BUS_URL: 'nat://ada:secret@bus' })
  expect(mistyped).toThrow(/nats:\/\/USER/)
  for (const read of [alone, mistyped]) expect(read).not.toThrow('secret')
})

test('a provider for sign-in needs its id and its secret, and roles for everybody are read as they are written', () => {
  const issuer = { OIDC_ISSUER: 'https://id.example.org' }
  expect(() => readConfig(['--data', '/x'], issuer)).toThrow('OIDC_CLIENT_ID and OIDC_CLIENT_SECRET are needed too')
  const whole = { ...issuer, OIDC_CLIENT_ID: 'id', OIDC_CLIENT_SECRET: 'secret' }
  expect(readConfig(['--data', '/x'], { ...whole, OIDC_DEFAULT_ROLES: 'photos:viewer, docs:editor' })).toMatchObject({
    openId: {
      name: 'id.example.org',
      forEverybody: [
        { folder: 'photos', role: 'viewer' },
        { folder: 'docs', role: 'editor' },
      ],
    },
  })
  expect(() => readConfig(['--data', '/x'], { ...whole, OIDC_DEFAULT_ROLES: 'photos:owner' })).toThrow(
    'OIDC_DEFAULT_ROLES',
  )
  expect(readConfig(['--data', '/x'], {})).toMatchObject({ openId: undefined })
})
