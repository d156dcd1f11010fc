import { createServer, type Server } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  FolderIdSchema,
  LINK_VERSION,
  LOG_START,
  NodeMessageSchema,
  PLAIN,
  decode,
  encode,
  type NodeMessage,
  type SyncError,
} from '@causeway/protocol'
import { createDialler } from './dialler.ts'
import { createLinkSocket, type LinkSocket } from './socket.ts'

const folder = FolderIdSchema.parse('work')
const WELCOME = { kind: 'welcome', version: LINK_VERSION, coordinator: 'c', node: 'ash' }

let server: Server
let sockets: WebSocketServer
let link: LinkSocket
let peers: WebSocket[]
let tokens: string[]
let forgotten: string[]
let received: NodeMessage[]
let log: string[]
let downs: SyncError[]
let onPeer: (peer: WebSocket) => void
let refuse: number | undefined
let changed: () => void = () => undefined

beforeEach(async () => {
  peers = []
  tokens = []
  forgotten = []
  received = []
  log = []
  downs = []
  refuse = undefined
  onPeer = (peer) => peer.send(plain(WELCOME))
  server = createServer()
  sockets = new WebSocketServer({ noServer: true, autoPong: false })
  server.on('upgrade', (request, socket, head) => {
    tokens.push(request.headers.authorization ?? '')
    if (refuse !== undefined) {
      socket.end(`HTTP/1.1 ${refuse} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
      return
    }
    sockets.handleUpgrade(request, socket, head, (peer) => {
      peers.push(peer)
      peer.on('message', (data: Buffer) => {
        received.push(decode(NodeMessageSchema, data))
        changed()
      })
      onPeer(peer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  let signIns = 0
  link = createLinkSocket({
    dialler: createDialler({ url: `http://127.0.0.1:${address.port}` }),
    session: { token: async () => `token-${++signIns}`, forget: (token) => void forgotten.push(token) },
    heartbeatMs: 100,
    onDead: () => note('dead'),
    onRestart: () => note('restart'),
    reconnect: { firstMs: 1, limitMs: 5 },
  })
})

afterEach(async () => {
  await link.stop()
  for (const peer of sockets.clients) peer.terminate()
  await new Promise((resolve) => server.close(resolve))
})

function start(): void {
  link.start({
    up: () => note('up'),
    down(error) {
      downs.push(error)
      note('down')
    },
    message: (message) => note(message.kind),
    unreadable: (error) => note(`unreadable: ${error.code}`),
  })
}

test('it is up once the coordinator has said welcome, and messages go both ways', async () => {
  expect(link.send({ kind: 'follow', folder, cursor: LOG_START })).toBe(false)
  answerPings()
  start()
  await until(() => log.includes('up'))
  expect(link.send({ kind: 'follow', folder, cursor: LOG_START })).toBe(true)
  peers[0]?.send(plain({ kind: 'behind', folder, head: 9 }))
  await until(() => log.includes('behind') && received.length > 0)
  expect(received).toEqual([{ kind: 'follow', folder, cursor: LOG_START }])
  expect(tokens).toEqual(['Bearer token-1'])
})

test('a node that is sent away by a restart comes back at once, however long it would back off', async () => {
  await link.stop()
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server does not listen')
  link = createLinkSocket({
    dialler: createDialler({ url: `http://127.0.0.1:${address.port}` }),
    session: { token: async () => 'token', forget: () => undefined },
    random: () => 0.01,
    onRestart: () => note('restart'),
    reconnect: { firstMs: 3_600_000, limitMs: 3_600_000 },
  })
  answerPings()
  start()
  await until(() => log.includes('up'))
  peers[0]?.close(1012, 'the coordinator is restarting')
  await until(() => log.filter((entry) => entry === 'up').length === 2)
  expect(log).toEqual(['up', 'restart', 'down', 'up'])
  expect(downs[0]?.message).toMatch(/is restarting$/)
})

test('a link that ends is made again, and says so', async () => {
  answerPings()
  start()
  await until(() => log.includes('up'))
  peers[0]?.terminate()
  await until(() => log.filter((entry) => entry === 'up').length === 2)
  expect(log.slice(0, 3)).toEqual(['up', 'down', 'up'])
  expect(downs[0]?.code).toBe('offline')
})

test('a link that goes silent is noticed and made again', async () => {
  start()
  await until(() => log.filter((entry) => entry === 'up').length === 2)
  expect(downs[0]?.message).toContain('silent')
})

test('other connections are given up when the link has gone silent, and once more when it is back', async () => {
  start()
  await until(() => log.filter((entry) => entry === 'up').length === 2)
  // The peer never answers pings, so that this goes on.
  expect(log.slice(0, 4)).toEqual(['up', 'dead', 'down', 'dead'])
})

test('other connections are kept when the coordinator ends the link', async () => {
  answerPings()
  start()
  await until(() => log.includes('up'))
  peers[0]?.terminate()
  await until(() => log.filter((entry) => entry === 'up').length === 2)
  expect(log).not.toContain('dead')
})

test('a large message that takes many heartbeats to come is no silence', async () => {
  const pieces = 20
  onPeer = (peer) => {
    peer.send(plain(WELCOME))
    const message = plain({ kind: 'behind', folder, head: 9 })
    let sent = 0
    const timer = setInterval(() => {
      sent++
      const isLast = sent === pieces
      const from = Math.floor((message.length * (sent - 1)) / pieces)
      peer.send(message.subarray(from, Math.floor((message.length * sent) / pieces)), { fin: isLast, binary: true })
      if (isLast) {
        clearInterval(timer)
        peer.on('ping', (data) => peer.pong(data))
      }
    }, 30)
  }
  start()
  await until(() => log.includes('behind') || log.includes('down'))
  expect(log).toEqual(['up', 'behind'])
})

test('a refused session is forgotten, and renewed at once and without a word, but once', async () => {
  answerPings()
  refuse = 401
  start()
  await until(() => tokens.length >= 2)
  refuse = undefined
  await until(() => log.includes('up'))
  expect(forgotten[0]).toBe('token-1')
  expect(downs).toHaveLength(tokens.length - 2)
  expect(link.isUp).toBe(true)
})

test.each<[string, Uint8Array]>([
  ['a message that is no message', Buffer.from('hello')],
  ['another version', plain({ ...WELCOME, version: LINK_VERSION + 1 })],
  ['changes before the welcome', plain({ kind: 'behind', folder, head: 1 })],
])('%s ends the connection', async (_name, bytes) => {
  onPeer = (peer) => peer.send(bytes)
  start()
  await until(() => downs.length > 0)
  expect(log).not.toContain('up')
  expect(['bad-request', 'protocol-mismatch']).toContain(downs[0]?.code)
})

test('after the welcome, a message that can’t be read is reported, and the link goes on', async () => {
  answerPings()
  start()
  await until(() => log.includes('up'))
  peers[0]?.send(Buffer.from('hello'))
  peers[0]?.send(plain({ kind: 'behind', folder, head: 9 }))
  await until(() => log.includes('behind'))
  expect(log).toEqual(['up', 'unreadable: bad-request', 'behind'])
})

test('a link that was ended over a message of this node names what could not be taken', async () => {
  onPeer = (peer) => {
    peer.send(plain(WELCOME))
    peer.close(1007, 'report.problems: Too big')
  }
  start()
  await until(() => downs.length > 0)
  expect(downs[0]?.message).toContain('report.problems: Too big')
})

test('after it was stopped it does not come back', async () => {
  answerPings()
  start()
  await until(() => log.includes('up'))
  await link.stop()
  const connections = peers.length
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(peers).toHaveLength(connections)
  expect(link.isUp).toBe(false)
})

function answerPings(): void {
  onPeer = (peer) => {
    peer.on('ping', (data) => peer.pong(data))
    peer.send(plain(WELCOME))
  }
}

function note(entry: string): void {
  log.push(entry)
  changed()
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise<void>((resolve) => {
      changed = resolve
      setTimeout(resolve, 20)
    })
  }
}

/** A message as the coordinator sends it when it is too small to be packed. */
function plain(message: unknown): Buffer {
  return Buffer.concat([Buffer.from([PLAIN]), encode(message)])
}
