import type { FastifyReply } from 'fastify'

/** Marks an answer as a file to be saved, never to be shown or run as a page of this site, whatever its name says. */
export function attachment(reply: FastifyReply, name: string): void {
  const plain = name.replace(/[^\w .()-]/g, '_')
  reply.header('content-disposition', `attachment; filename="${plain}"; filename*=UTF-8''${encoded(name)}`)
  reply.header('content-security-policy', "sandbox; default-src 'none'")
  reply.type('application/octet-stream')
}

function encoded(name: string): string {
  // A lone half of a surrogate pair has no UTF-8 form.
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
