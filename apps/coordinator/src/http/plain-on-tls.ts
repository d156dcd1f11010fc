/** What is said to those who try plain HTTP on a port that speaks TLS. */
export const SPEAKS_TLS =
  'this port speaks TLS, and the request came without it: the address begins with https:. A node that joined without ' +
  'TLS needs a new join link: run "causeway join" with it and the same directory, nothing is lost'

/**
 * The whole answer to the beginning of a plain request. A browser is led to
 * the same address with https:; everything else hears in words what to do.
 */
export function plainAnswer(head: string): string {
  const [request = '', ...headers] = head.split('\r\n')
  const path = /^(?:GET|HEAD) (\/[^\s]*) HTTP\/1\.[01]$/.exec(request)?.[1]
  const host = headerOf(headers, 'host')
  const isBrowser = /\btext\/html\b/.test(headerOf(headers, 'accept') ?? '')
  if (isBrowser && path !== undefined && host !== undefined && /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host)) {
    // Not for ever: one day this address may be without TLS again.
    return answer('307 Temporary Redirect', [`location: https://${host}${path}`], '')
  }
  const body = JSON.stringify({ error: { code: 'offline', message: SPEAKS_TLS } })
  return answer('400 Bad Request', ['content-type: application/json'], `${body}\n`)
}

function headerOf(headers: readonly string[], name: string): string | undefined {
  const line = headers.find((header) => header.toLowerCase().startsWith(`${name}:`))
  return line?.slice(name.length + 1).trim()
}

function answer(status: string, headers: readonly string[], body: string): string {
  const all = [...headers, `content-length: ${Buffer.byteLength(body)}`, 'cache-control: no-store', 'connection: close']
  return `HTTP/1.1 ${status}\r\n${all.join('\r\n')}\r\n\r\n${body}`
}
