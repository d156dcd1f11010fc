import { zstdDecompressSync } from 'node:zlib'
import WebSocket from 'ws'
import {
  ChangeBatchSchema,
  CoordinatorMessageSchema,
  decode,
  encode,
  LOG_START,
  PACKED,
  type CoordinatorMessage,
  type Cursor,
  type FolderId,
} from '@causeway/protocol'

/** Shorter messages may be other than pushes: they are read at once. Pushes are counted, and only the last is read. */
const SHORT_BYTES = 200

export interface NodeSocket {
  /** Messages with changes that came so far, and their bytes. */
  readonly received: { messages: number; bytes: number }
  /** How often it was told to ask instead of being sent to. */
  readonly fellBehind: number
  /** How old what came was, by the clock of its sender; empty where not all is looked at. */
  readonly deliveredMs: number[]
  /** The log position that it was brought to. */
  position(): number
  /** Tells the coordinator how far it is, as a node does that has placed everything. */
  acknowledge(): void
  close(): void
}

export interface SocketOptions {
  readonly url: string
  readonly token: string
  readonly folder: FolderId
  /** Asks for changes over HTTP. */
  readonly changes: (request: Uint8Array) => Promise<Uint8Array>
  readonly address?: string
  readonly looksAtAll: boolean
}

/** Opens a node's socket and follows the folder. Where it falls behind, it asks, then follows again, as a node does. */
export async function createSocket({
  url,
  token,
  folder,
  changes,
  address,
  looksAtAll,
}: SocketOptions): Promise<NodeSocket> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/link/v1/socket`, {
    headers: { authorization: `Bearer ${token}` },
    ...(address !== undefined && { localAddress: address }),
    perMessageDeflate: false,
  })
  const received = { messages: 0, bytes: 0 }
  const deliveredMs: number[] = []
  let fellBehind = 0
  let cursor: Cursor = LOG_START
  let last: Uint8Array | undefined
  let acknowledged = 0
  let asking: Promise<void> | undefined

  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  socket.on('message', (data: Buffer) => {
    if (data.length >= SHORT_BYTES) {
      received.messages++
      received.bytes += data.length
      last = data
      if (looksAtAll) lookAt(data)
      return
    }
    const message = read(data)
    if (message.kind === 'behind') {
      fellBehind++
      asking ??= ask().finally(() => (asking = undefined))
    } else if (message.kind === 'changes') {
      received.messages++
      received.bytes += data.length
      last = data
    }
  })
  await ask()

  function lookAt(data: Uint8Array): void {
    const message = read(data)
    if (message.kind !== 'changes') return
    const now = performance.timeOrigin + performance.now()
    for (const { content } of message.batch.states) {
      if (content.kind === 'file') deliveredMs.push(now - Number(BigInt(content.mtimeNs) / 1000n) / 1000)
    }
  }

  /** Up to the head over HTTP, then by pushes. */
  async function ask(): Promise<void> {
    take()
    for (;;) {
      const batch = decode(ChangeBatchSchema, inflated(await changes(encode({ cursor, limit: 4096 }))))
      cursor = batch.cursor
      if (batch.cursor.seq >= batch.head) break
    }
    if (socket.readyState === WebSocket.OPEN) socket.send(encode({ kind: 'follow', folder, cursor }))
  }

  /** Reads the newest push: its cursor says how far all before it led. */
  function take(): void {
    if (last === undefined) return
    const message = read(last)
    last = undefined
    if (message.kind === 'changes' && message.batch.cursor.seq > cursor.seq) cursor = message.batch.cursor
  }

  return {
    received,
    deliveredMs,
    get fellBehind() {
      return fellBehind
    },
    position() {
      take()
      return cursor.seq
    },
    acknowledge() {
      take()
      if (cursor.seq === acknowledged || socket.readyState !== WebSocket.OPEN) return
      acknowledged = cursor.seq
      socket.send(encode({ kind: 'applied', folder, cursor }))
    },
    close: () => socket.close(),
  }
}

function read(message: Uint8Array): CoordinatorMessage {
  const body = message.subarray(1)
  return decode(CoordinatorMessageSchema, message[0] === PACKED ? zstdDecompressSync(body) : body)
}

const ZSTD_MAGIC = 0xfd2fb528

function inflated(body: Uint8Array): Uint8Array {
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  return body.length >= 4 && view.getUint32(0, true) === ZSTD_MAGIC ? zstdDecompressSync(body) : body
}
