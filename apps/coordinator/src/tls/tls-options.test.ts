import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import type { Transport } from './tls-options.ts'

const PLAIN: Transport = { kind: 'plain' }
const MADE: Transport = { kind: 'made' }
const OWN: Transport = { kind: 'own', certPath: 'c.pem', keyPath: 'k.pem' }
const FILES = ['--tls-cert', 'c.pem', '--tls-key', 'k.pem']

test.each<[string, string[], NodeJS.ProcessEnv, Transport]>([
  ['loopback is plain', [], {}, PLAIN],
  ['loopback speaks TLS if asked', ['--tls'], {}, MADE],
  ['in the environment too', [], { COORDINATOR_TLS: '1' }, MADE],
  ['an address that others can reach speaks TLS unasked', ['--host', '192.168.1.10'], {}, MADE],
  ['so do all addresses', ['--host', '0.0.0.0'], {}, MADE],
  ['so does a name', ['--host', 'nas'], {}, MADE],
  ['behind a proxy too', ['--host', '0.0.0.0', '--trust-proxy', '10.0.0.1'], {}, MADE],
  ['plain HTTP there has to be asked for', ['--host', '0.0.0.0', '--insecure-http'], {}, PLAIN],
  ['be it in the environment', ['--host', '0.0.0.0'], { INSECURE_HTTP: '1' }, PLAIN],
  ['0 asks for nothing', ['--host', '0.0.0.0'], { INSECURE_HTTP: '0' }, MADE],
  ["one's own certificate is served wherever it listens", FILES, {}, OWN],
  ['named in the environment too', [], { TLS_CERT: 'c.pem', TLS_KEY: 'k.pem' }, OWN],
  ['a flag outweighs all of the environment', ['--insecure-http'], { TLS_CERT: 'c.pem', TLS_KEY: 'k.pem' }, PLAIN],
])('%s: %j %j', (_name, args, environment, transport) => {
  expect(readConfig(['--data', 'd', ...args], environment)).toMatchObject({ transport })
})

test.each([
  ['a certificate without its key', ['--tls-cert', 'c.pem'], {}, 'give --tls-cert and --tls-key'],
  ['a key without its certificate', [], { TLS_KEY: 'k.pem' }, 'give --tls-cert and --tls-key'],
  ['both ways at once', ['--tls', '--insecure-http'], {}, 'leave one out'],
  ['plain HTTP with a certificate', [...FILES, '--insecure-http'], {}, 'leave one out'],
  ['a switch that is none', [], { INSECURE_HTTP: 'maybe' }, 'INSECURE_HTTP "maybe": must be 1 or 0'],
])('%s is refused', (_name, args, environment, message) => {
  expect(() => readConfig(['--data', 'd', ...args], environment)).toThrow(message)
})
