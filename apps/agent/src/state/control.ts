import { rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { ERROR_CODES, SyncError, isSyncError, systemError, type ErrorCode } from '@causeway/protocol'
import { messageOf } from '../link/json-call.ts'

/** What a command asks the running node: one JSON line each way. */
const ControlRequestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('status') }),
  z.object({ kind: z.literal('wait') }),
  z.object({ kind: z.literal('resume'), folder: z.string().max(4096), choice: z.enum(['let-go', 'put-back']) }),
  /** Takes a folder that was offered; without a directory, where it was before. */
  z.object({ kind: z.literal('accept'), folder: z.string().max(200), directory: z.string().max(4096).nullable() }),
  z.object({ kind: z.literal('decline'), folder: z.string().max(200) }),
])
export type ControlRequest = z.infer<typeof ControlRequestSchema>

const ControlAnswerSchema = z.union([
  z.object({ ok: z.literal(true), value: z.unknown() }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
])

export interface ControlServer {
  close(): Promise<void>
}

const LINE_BYTES = 64 * 1024
const ANSWER_BYTES = 16 * 1024 * 1024

/** Answers commands of this machine's user. A caller that hangs up aborts what it asked for. */
export async function serveControl(
  address: string,
  answer: (request: ControlRequest, signal: AbortSignal) => Promise<unknown>,
): Promise<ControlServer> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    const gone = new AbortController()
    socket.on('close', () => {
      sockets.delete(socket)
      gone.abort(new Error('the caller hung up'))
    })
    socket.on('error', () => socket.destroy())
    let received = 0
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length
      if (received > LINE_BYTES) socket.destroy()
    })
    createInterface({ input: socket }).once('line', (line) => {
      void respond(line, gone.signal, answer).then((reply) => socket.end(`${JSON.stringify(reply)}\n`))
    })
  })
  // The lock is held, so a socket that lies here is a dead process's.
  if (process.platform !== 'win32') await rm(address, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(systemError(`cannot listen on ${address}`, cause)))
    // Made private from the first moment on: whoever reaches it may steer the node.
    const mask = process.umask(0o177)
    server.listen(address, () => resolve())
    process.umask(mask)
  })
  return {
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Asks the running node. Throws `not-found` if none runs, and what it refused with. */
export async function askControl(address: string, request: ControlRequest, signal?: AbortSignal): Promise<unknown> {
  const line = await exchangeLine(address, JSON.stringify(request), signal)
  const answer = ControlAnswerSchema.safeParse(parse(line))
  if (!answer.success) throw new SyncError('internal', 'the running node gave no answer')
  if (answer.data.ok) return answer.data.value
  const { code, message } = answer.data
  throw new SyncError(isErrorCode(code) ? code : 'internal', message)
}

async function respond(
  line: string,
  signal: AbortSignal,
  answer: (request: ControlRequest, signal: AbortSignal) => Promise<unknown>,
): Promise<z.infer<typeof ControlAnswerSchema>> {
  try {
    const request = ControlRequestSchema.safeParse(parse(line))
    if (!request.success) throw new SyncError('bad-request', 'this node does not know that request')
    return { ok: true, value: await answer(request.data, signal) }
  } catch (error) {
    return { ok: false, code: isSyncError(error) ? error.code : 'internal', message: messageOf(error) }
  }
}

function exchangeLine(address: string, line: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const socket = connect(address)
    const stop = () => {
      socket.destroy()
      reject(signal?.reason as Error)
    }
    signal?.addEventListener('abort', stop, { once: true })
    let text = ''
    socket.setEncoding('utf8')
    socket.on('connect', () => socket.write(`${line}\n`))
    socket.on('data', (piece: string) => {
      text += piece
      if (text.length > ANSWER_BYTES) socket.destroy(new Error('the answer is too long'))
    })
    socket.on('error', (cause: NodeJS.ErrnoException) => {
      const isAbsent = cause.code === 'ENOENT' || cause.code === 'ECONNREFUSED'
      reject(
        isAbsent
          ? new SyncError('not-found', 'no node runs with this state directory: start it with "causeway up"', { cause })
          : systemError(`cannot ask the running node on ${address}`, cause),
      )
    })
    socket.on('close', () => {
      signal?.removeEventListener('abort', stop)
      resolve(text)
    })
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
