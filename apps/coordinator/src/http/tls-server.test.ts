import { once } from 'node:events'
import { request } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { expect, onTestFinished, test } from 'vitest'
import { makeCertificate, type TestCertificate } from '@causeway/testkit'
import { NO_PINS, type Credentials, type ServedTls } from '../ports/served-tls.ts'
import { createTlsServer } from './tls-server.ts'

const [first, second] = await Promise.all([makeCertificate(), makeCertificate()])

test('new connections get the new certificate, and those that are open go on', async () => {
  const { port, replace } = await serving(first)
  const before = await shakeHands(port)
  expect(certificateOf(before)).toBe(thumb(first))
  replace(second)
  const after = await shakeHands(port)
  expect(certificateOf(after)).toBe(thumb(second))
  expect(await askOn(before)).toMatch(/^HTTP\/1\.1 200 /)
  expect(await askOn(after)).toMatch(/^HTTP\/1\.1 200 /)
})

test('a request that comes with the handshake in one piece is answered whole', async () => {
  const { port } = await serving(first)
  const answer = await new Promise<string>((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', rejectUnauthorized: false, method: 'POST' }, (response) => {
      let text = ''
      response.on('data', (piece) => (text += String(piece))).on('end', () => resolve(text))
    })
    asked.on('error', reject).end(Buffer.alloc(200_000, 'x'))
  })
  expect(answer).toBe('200000 bytes')
})

test('plain HTTP is answered in words, also where a long body comes with it', async () => {
  const { port } = await serving(first)
  const socket = connect(port, '127.0.0.1')
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n${'x'.repeat(100_000)}`)
  expect(await textOf(socket)).toContain('this port speaks TLS')
})

test('older versions of TLS than 1.2 are refused', async () => {
  const { port } = await serving(first)
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    rejectUnauthorized: false,
    maxVersion: 'TLSv1.1',
    minVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
  })
  const [error] = await once(socket, 'error')
  expect(String(error)).toMatch(/protocol version|unsupported protocol|no protocols available/i)
})

test('closing waits for nobody who has connected and not begun, or is in the middle of the handshake', async () => {
  const { server, port } = await serving(first)
  const silent = connect(port, '127.0.0.1')
  const halfway = connect(port, '127.0.0.1')
  await Promise.all([once(silent, 'connect'), once(halfway, 'connect')])
  halfway.write(Buffer.from([0x16, 0x03, 0x01]))
  for (const socket of [silent, halfway]) socket.on('error', () => undefined)
  await shakeHands(port)
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
  expect(server.listening).toBe(false)
})

async function serving(certificate: TestCertificate) {
  let credentials: Credentials = certificate
  let changed = (): void => undefined
  const tls: ServedTls = {
    kind: 'made',
    get credentials() {
      return credentials
    },
    pins: NO_PINS,
    nameFor: (asked) => asked,
    rotation: null,
    subscribe(listener) {
      changed = listener
      return () => undefined
    },
  }
  const server = createTlsServer((asked, response) => {
    let bytes = 0
    asked.on('data', (piece: Buffer) => (bytes += piece.length)).on('end', () => response.end(`${bytes} bytes`))
  }, tls)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const { port } = server.address() as AddressInfo
  const replace = (next: Credentials): void => {
    credentials = next
    changed()
  }
  return { server, port, replace }
}

async function shakeHands(port: number): Promise<TLSSocket> {
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  socket.on('error', () => undefined)
  return socket
}

async function askOn(socket: TLSSocket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  return textOf(socket)
}

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (piece) => (text += String(piece)))
  await once(socket, 'end')
  return text
}

function certificateOf(socket: TLSSocket): string {
  return socket.getPeerX509Certificate()?.toString().trim() ?? ''
}

function thumb({ cert }: TestCertificate): string {
  return cert.replaceAll('\r', '').trim()
}
