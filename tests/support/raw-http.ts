import { connect } from 'node:net'

/** What came back on a connection, byte for byte. */
export interface RawAnswer {
  /** Of the first answer; null where the connection was closed without one. */
  readonly status: number | null
  readonly head: string
  readonly body: string
  /** How many answers there were: more than one means that one request was read as two. */
  readonly answers: number
}

/** So long without the connection being closed is a hang. */
const HANGS_AFTER_MS = 30_000

/** Sends these bytes on a connection of their own and reads until it is closed. Rejects where it stays open. */
export function sendRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => void socket.write(bytes, 'latin1'))
    socket.setTimeout(HANGS_AFTER_MS, () => {
      socket.destroy()
      reject(new Error(`no end after ${HANGS_AFTER_MS} ms: ${bytes.toString('latin1').slice(0, 300)}`))
    })
    socket.on('data', (piece: Buffer) => void pieces.push(piece))
    // A connection that is reset after the answer has still been answered.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(parsed(Buffer.concat(pieces).toString('latin1'))))
  })
}

/** A whole request as it goes over the wire; header lines as they are given, in that order. */
export function rawRequest(method: string, target: string, headers: readonly string[], body = ''): string {
  return `${[`${method} ${target} HTTP/1.1`, ...headers].join('\r\n')}\r\n\r\n${body}`
}

function parsed(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]
  return {
    status: status === undefined ? null : Number(status),
    head,
    body: rest.join('\r\n\r\n'),
    answers: text.match(/^HTTP\/1\.1 \d{3} /gm)?.length ?? 0,
  }
}
