import { extname } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import { readPageFiles, type PageFiles } from './page-files.ts'
import { FILE_POLICY, withNonce, type Guarded } from './page-policy.ts'

const HTML = '.html'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
}

/** The addresses that the dashboard itself understands. */
const PAGES = [
  '/',
  '/topology',
  '/clocks',
  '/delta',
  '/monitor',
  '/settings',
  '/people',
  '/account',
  '/audit',
  '/welcome',
  '/sign-in',
  '/join',
] as const

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** A built dashboard, ready to be sent. */
export interface PageServer {
  /** The addresses of its files. */
  readonly paths: readonly string[]
  /** Sends one of its files; without a path the page itself, or, where it was never built, the one that says how. */
  send(request: FastifyRequest, reply: FastifyReply, path?: string): Promise<FastifyReply>
}

/** The dashboard's files. They hold no data of their own: what is shown comes through the gate. */
export function addPage(app: App, page: PageServer): void {
  const options = { config: { access: 'public' }, schema: { hide: true } } as const
  for (const path of PAGES) app.get(path, options, (request, reply) => page.send(request, reply))
  for (const path of page.paths) {
    if (path !== '/index.html') app.get(path, options, (request, reply) => page.send(request, reply, path))
  }
}

export function createPageServer(directory: string): PageServer {
  const files = readPageFiles(directory)
  const packed = createPacked(files)
  const fresh = async (path: string, accepted: string): Promise<Packed> => {
    const { policy, bytes } = withNonce(fileIn(files, path))
    return { ...(await pack(bytes, encodingOf(accepted))), policy }
  }
  return {
    paths: [...files.keys()],
    async send(request, reply, path = files.has('/index.html') ? '/index.html' : '/missing.html') {
      const accepted = request.headers['accept-encoding']?.toString() ?? ''
      const { bytes, encoding, policy } =
        extname(path) === HTML ? await fresh(path, accepted) : await packed(path, accepted)
      if (encoding !== null) reply.header('content-encoding', encoding)
      // A file under assets/ carries the hash of what is in it in its name.
      const forEver = path.startsWith('/assets/')
      return reply
        .header('content-security-policy', policy)
        .header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache')
        .header('vary', 'accept-encoding')
        .type(TYPES[extname(path)] ?? 'application/octet-stream')
        .send(bytes)
    },
  }
}

interface Packed extends Guarded {
  readonly encoding: 'br' | 'gzip' | null
}

/** Files as they are sent, but for documents; each is compressed once, when it is first asked for. */
function createPacked(files: PageFiles): (path: string, accepted: string) => Promise<Packed> {
  const kept = new Map<string, Promise<Packed>>()
  return (path, accepted) => {
    const encoding = encodingOf(accepted)
    const key = `${encoding} ${path}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = pack(fileIn(files, path), encoding).then((one) => ({ ...one, policy: FILE_POLICY }))
    kept.set(key, made)
    return made
  }
}

function fileIn(files: PageFiles, path: string): Buffer {
  return files.get(path) ?? Buffer.alloc(0)
}

function encodingOf(accepted: string): Packed['encoding'] {
  return /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null
}

async function pack(plain: Buffer, encoding: Packed['encoding']): Promise<Omit<Packed, 'policy'>> {
  if (encoding === 'br') {
    return { encoding, bytes: await brotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }) }
  }
  return { encoding, bytes: encoding === 'gzip' ? await zip(plain) : plain }
}
