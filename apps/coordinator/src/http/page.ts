import { readFileSync } from 'node:fs'
import type { App } from './app.ts'

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/page.js', file: 'page.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page.css', file: 'page.css', type: 'text/css; charset=utf-8' },
  // Where a join link points that somebody opens in a browser: the page tells what to do with it.
  { url: '/join', file: 'index.html', type: 'text/html; charset=utf-8' },
]

/** The page that shows nodes, folders and events. It holds no data of its own: what it shows comes through the gate. */
export function addPage(app: App): void {
  for (const { url, file, type } of FILES) {
    const bytes = readFileSync(new URL(`../page/${file}`, import.meta.url))
    app.get(url, { config: { access: 'public' }, schema: { hide: true } }, async (_request, reply) => {
      return reply
        .header('content-security-policy', CONTENT_SECURITY_POLICY)
        .header('cache-control', 'no-cache')
        .type(type)
        .send(bytes)
    })
  }
}
