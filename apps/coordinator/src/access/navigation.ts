import type { FastifyRequest } from 'fastify'

/** Where programs ask, and where a page in place of an error would be taken for an answer. */
const FOR_PROGRAMS = /^\/(api|link|ws|assets)(\/|$)/

/** Whether a person's browser goes to an address, rather than a program asking for what is there. */
export function wantsPage({ method, url, headers }: Pick<FastifyRequest, 'method' | 'url' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const [path = ''] = url.split('?', 1)
  return !FOR_PROGRAMS.test(path) && /\btext\/html\b/.test(headers.accept ?? '')
}
