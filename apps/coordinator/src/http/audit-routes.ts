import { Readable } from 'node:stream'
import { ROUTES, type AuditEntry } from '@causeway/protocol'
import type { Coordinator } from '../coordinator.ts'
import type { App } from './app.ts'
import { attachment } from './attachment.ts'
import { doerOf } from './doer.ts'
import { serveRoute } from './serve-route.ts'

const { audit: AUDIT } = ROUTES

/** The audit log, to be read a page at a time and to be had as a whole. */
export function addAuditRoutes(app: App, { audit }: Coordinator): void {
  serveRoute(app, AUDIT.list, async ({ query: { before, limit, action, actor } }) => {
    const filter = { ...(action !== undefined && { action }), ...(actor !== undefined && { actor }) }
    return { entries: await audit.list({ before, limit, filter }) }
  })
  serveRoute(app, AUDIT.export, async (request, reply) => {
    const { format } = request.query
    await audit.note(doerOf(request), { action: 'audit-exported', details: { format } })
    attachment(reply, `audit.${format}`)
    const lines = format === 'csv' ? csvOf(audit.everything()) : jsonLinesOf(audit.everything())
    return reply.send(Readable.from(lines, { objectMode: false }))
  })
}

async function* jsonLinesOf(pages: AsyncIterable<readonly AuditEntry[]>): AsyncIterable<string> {
  for await (const page of pages) yield page.map((entry) => `${JSON.stringify(entry)}\n`).join('')
}

const COLUMNS = ['position', 'at', 'actor kind', 'actor id', 'actor', 'action', 'object', 'from', 'details']

async function* csvOf(pages: AsyncIterable<readonly AuditEntry[]>): AsyncIterable<string> {
  yield rowOf(COLUMNS)
  for await (const page of pages) {
    const rows = page.map(({ position, at, actor, action, object, from, details }) => {
      const told = details.map(({ name, value }) => `${name}: ${value}`).join('; ')
      return rowOf([String(position), at, actor.kind, actor.id, actor.name, action, object, from, told])
    })
    yield rows.join('')
  }
}

function rowOf(cells: readonly string[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`
}

/** Quoted; and what a spreadsheet would take for a formula is made plain text: names are chosen by others. */
function cellOf(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}
