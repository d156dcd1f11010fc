import { extname } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import { readPageFiles, type PageFiles } from './page-files.ts'

// Styles are set on elements by the page's own script; everything else comes from files of this origin.
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; worker-src 'self'; " +
  "img-src 'self' data: blob:; media-src 'self' blob:; frame-src 'self' blob:; font-src 'self'; manifest-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

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
  return {
    paths: [...files.keys()],
    async send(request, reply, path = files.has('/index.html') ? '/index.html' : '/missing.html') {
      const { bytes, encoding } = await packed(path, request.headers['accept-encoding']?.toString() ?? '')
      if (encoding !== null) reply.header('content-encoding', encoding)
      // A file under assets/ carries the hash of what is in it in its name.
      const forEver = path.startsWith('/assets/')
      return reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('cache-control', forEver ? 'public, max-age=31536000, immutable' : 'no-cache')
        .header('vary', 'accept-encoding')
        .type(TYPES[extname(path)] ?? 'application/octet-stream')
        .send(bytes)
    },
  }
}

interface Packed {
  readonly bytes: Buffer
  readonly encoding: 'br' | 'gzip' | null
}

/** Files as they are sent; each is compressed once, when it is first asked for. */
function createPacked(files: PageFiles): (path: string, accepted: string) => Promise<Packed> {
  const kept = new Map<string, Promise<Packed>>()
  return (path, accepted) => {
    const encoding = /\bbr\b/.test(accepted) ? 'br' : /\bgzip\b/.test(accepted) ? 'gzip' : null
    const key = `${encoding} ${path}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const made = pack(files.get(path) ?? Buffer.alloc(0), encoding)
    kept.set(key, made)
    return made
  }
}

async function pack(plain: Buffer, encoding: Packed['encoding']): Promise<Packed> {
  if (encoding === 'br') {
    return { encoding, bytes: await brotli(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }) }
  }
  return { encoding, bytes: encoding === 'gzip' ? await zip(plain) : plain }
}
