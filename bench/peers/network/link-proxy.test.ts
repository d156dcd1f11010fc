import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { Random } from '../../../tests/support/random.ts'
import { startLinkProxy } from './link-proxy.ts'
import type { LinkShape } from './network.ts'

test.each<[string, LinkShape | undefined]>([
  ['without a shape', undefined],
  ['with a shape', { bitsPerSecond: 80e6, roundTripMs: 10 }],
])('%s, every byte comes through in order, both ways are counted, and an end is passed on', async (_name, shape) => {
  const { port } = await echo()
  const target = { host: '127.0.0.1', port }
  const proxy = await startLinkProxy({ listen: '127.0.0.1', target, ...(shape && { shape }) })
  onTestFinished(() => proxy.close())
  const bytes = new Random(6).bytes(700_000)
  const started = performance.now()
  expect((await sentThrough(proxy.port, bytes)).equals(bytes)).toBe(true)
  expect(proxy.bytes()).toEqual({ sent: bytes.length, received: bytes.length })
  // A lower bound only: the link cannot have been faster than it is.
  const leastMs = shape === undefined ? 0 : (bytes.length * 8) / (shape.bitsPerSecond / 1000) + 2 * shape.roundTripMs
  expect(performance.now() - started).toBeGreaterThanOrEqual(leastMs - 1)
})

test('where nobody listens, the client is cut off', async () => {
  const { port, server } = await echo()
  await new Promise((resolve) => server.close(resolve))
  const proxy = await startLinkProxy({ listen: '127.0.0.1', target: { host: '127.0.0.1', port } })
  onTestFinished(() => proxy.close())
  const socket = connect({ host: '127.0.0.1', port: proxy.port })
  socket.on('error', () => undefined)
  await once(socket, 'close')
  expect(socket.destroyed).toBe(true)
})

async function echo(): Promise<{ port: number; server: Server }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, server }
}

async function sentThrough(port: number, bytes: Buffer): Promise<Buffer> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  socket.end(bytes)
  const parts: Buffer[] = []
  for await (const part of socket) parts.push(part)
  return Buffer.concat(parts)
}
