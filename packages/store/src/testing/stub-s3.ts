import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** What becomes of one request: it hangs, its connection breaks before or after it was carried out, or it is refused. */
export type Fault = 'hang' | 'break' | 'break-after' | { readonly status: number; readonly body: string }

/** As much of S3 as packs need, in memory, with conditional writes, pages of two names, and faults on demand. */
export interface StubS3 {
  readonly endpoint: string
  /** Asked of every request ("PUT 00000001"); undefined for one that goes well. */
  fault: (request: string) => Fault | undefined
  /** Every request there was. */
  readonly requests: string[]
  readonly objects: ReadonlyMap<string, StoredObject>
  close(): Promise<void>
}

export interface StoredObject {
  readonly bytes: Buffer
  readonly digest: string
}

const PAGE = 2

export async function startStubS3({ knowsDeletes = true } = {}): Promise<StubS3> {
  const objects = new Map<string, StoredObject>()
  const server = createServer((request, response) => void answer(request, response))
  const stub: StubS3 = {
    endpoint: '',
    fault: () => undefined,
    requests: [],
    objects,
    close: () => new Promise((resolve) => void (server.close(() => resolve()), server.closeAllConnections())),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://stub')
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'))
    const named = `${request.method} ${key}`
    stub.requests.push(named)
    const fault = stub.fault(named)
    if (fault === 'hang') return
    if (fault === 'break') return void request.socket.destroy()
    const body = await buffer(request)
    if (typeof fault === 'object') return send(response, fault.status, fault.body)
    const [status, text, headers] = carryOut(request, url, key, body)
    if (fault === 'break-after') request.socket.destroy()
    else send(response, status, text, headers)
  }

  function carryOut(request: IncomingMessage, url: URL, key: string, body: Buffer): Answer {
    const found = objects.get(key)
    if (request.method === 'PUT') {
      if (request.headers['if-none-match'] === '*' && found !== undefined) return [412, code('PreconditionFailed')]
      objects.set(key, { bytes: body, digest: String(request.headers['x-amz-meta-sha256'] ?? '') })
      return [200, '']
    }
    if (request.method === 'POST') {
      if (!knowsDeletes) return [501, code('NotImplemented')]
      for (const [, name = ''] of body.toString().matchAll(/<Key>(.*?)<\/Key>/g)) objects.delete(name)
      return [200, '<DeleteResult/>']
    }
    if (request.method === 'DELETE') return objects.delete(key) ? [204, ''] : [204, '']
    if (key === '') return [200, page(url.searchParams)]
    if (found === undefined) return [404, request.method === 'HEAD' ? '' : code('NoSuchKey')]
    const { bytes, digest } = found
    if (request.method === 'HEAD')
      return [200, '', { 'content-length': String(bytes.length), 'x-amz-meta-sha256': digest }]
    const [, from = 0, to = 0] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '')?.map(Number) ?? []
    if (from >= bytes.length) return [416, code('InvalidRange')]
    const piece = bytes.subarray(from, to + 1)
    return [206, piece, { 'content-range': `bytes ${from}-${from + piece.length - 1}/${bytes.length}` }]
  }

  function page(query: URLSearchParams): string {
    const from = Number(query.get('continuation-token') ?? 0)
    const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '')).sort()
    const shown = keys.slice(from, from + PAGE).map((key) => {
      return `<Contents><Key>${key}</Key><Size>${objects.get(key)?.bytes.length}</Size></Contents>`
    })
    const isCut = from + PAGE < keys.length
    const next = isCut ? `<NextContinuationToken>${from + PAGE}</NextContinuationToken>` : ''
    return `<ListBucketResult><IsTruncated>${isCut}</IsTruncated>${next}${shown.join('')}</ListBucketResult>`
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return Object.assign(stub, { endpoint: `http://127.0.0.1:${port}` })
}

type Answer = readonly [status: number, body: string | Buffer, headers?: Record<string, string>]

function send(response: ServerResponse, ...[status, body, headers]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers })
  response.end(body)
}

function code(name: string): string {
  return `<Error><Code>${name}</Code><Message>${name}</Message></Error>`
}
