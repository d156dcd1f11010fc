import { SyncError } from '@causeway/protocol'

export interface BusAddress {
  /** `host:port`, one or several servers of one cluster. */
  readonly servers: readonly string[]
  /** What signs in to them: a user with a password, a token, or nothing. */
  readonly credentials: { readonly user: string; readonly pass: string } | { readonly token: string } | undefined
  /** Undefined where TLS is not demanded; a server that does is followed. Files are in PEM. */
  readonly tls: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string } | undefined
  /** For people and logs: without user, password and token. */
  readonly name: string
}

const DEFAULT_PORT = '4222'
const FILES = { ca: 'caFile', cert: 'certFile', key: 'keyFile' } as const

/**
 * Takes `nats://user:password@host:port` apart; several servers are separated by commas, and the first that names
 * credentials or files does so for all. `nats://TOKEN@host` has a token. `tls://` demands TLS, with `?ca=FILE`,
 * `cert` and `key` where the system's certificates are not enough. Throws `bad-request`, without what is secret.
 */
export function busAddress(text: string): BusAddress {
  const urls = text.split(',').map(serverOf)
  const protocols = new Set(urls.map(({ protocol }) => protocol))
  const [protocol] = protocols
  if (protocols.size > 1) throw refused('either all servers are nats://, or all tls://')
  const named = urls.find(({ username }) => username !== '')
  const files = urls.flatMap(({ searchParams }) => [...searchParams])
  const unknown = files.find(([option, value]) => !Object.hasOwn(FILES, option) || value === '')
  if (unknown !== undefined) throw refused('its options are ca, cert and key, each the name of a file')
  if (files.length > 0 && protocol !== 'tls:') throw refused('ca, cert and key are for tls://')
  const servers = urls.map(({ hostname, port }) => `${hostname}:${port || DEFAULT_PORT}`)
  return {
    servers,
    credentials: named && credentialsOf(named),
    tls: protocol === 'tls:' ? Object.fromEntries(files.map(([option, file]) => [fileOf(option), file])) : undefined,
    name: servers.map((server) => `${protocol}//${server}`).join(','),
  }
}

function serverOf(text: string): URL {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined
  const isServer = url !== undefined && ['nats:', 'tls:'].includes(url.protocol) && url.hostname !== ''
  // The text is not repeated: it may hold a password.
  if (!isServer || !['', '/'].includes(url.pathname))
    throw refused('it must be given as nats://USER:PASSWORD@HOST:PORT')
  return url
}

function credentialsOf({ username, password }: URL): BusAddress['credentials'] {
  if (password === '') return { token: plain(username) }
  return { user: plain(username), pass: plain(password) }
}

function plain(encoded: string): string {
  try {
    return decodeURIComponent(encoded)
  } catch {
    throw refused('user and password hold a % that is not part of a code such as %40')
  }
}

function fileOf(option: string): string {
  return FILES[option as keyof typeof FILES]
}

function refused(why: string): SyncError {
  return new SyncError('bad-request', `the bus cannot be used: ${why}`)
}
