import { SyncError } from './error-codes.ts'
import { KeyPinSchema, type KeyPin } from './key-pin.ts'

/** What a join link says: where the coordinator is, and the secret that enrols one machine. */
export interface JoinLink {
  /** Origin of the coordinator: `http://host:port` or `https://host:port`. */
  readonly url: string
  readonly secret: string
  /** The ids of its folders, for people to read; the secret alone decides what is joined. */
  readonly folders: readonly string[]
  /** The TLS keys that the coordinator may show, where its certificate is one that nobody else vouches for. */
  readonly pins?: readonly KeyPin[]
}

/**
 * A link as text. `causeway:` stands for http and `causeways:` for https. The
 * secret is behind the `#`, which no browser sends to a server or writes to its log.
 */
export function formatJoinLink({ url, secret, folders, pins = [] }: JoinLink): string {
  const { protocol, host } = new URL(url)
  const named = folders.map((folder) => `&folder=${encodeURIComponent(folder)}`).join('')
  const pinned = pins.map((pin) => `&key=${pin}`).join('')
  return `${protocol === 'https:' ? 'causeways' : 'causeway'}://${host}/join#${secret}${named}${pinned}`
}

/** Reads a join link; also one whose scheme is written `http:` or `https:`. Throws `invite-invalid` on anything else. */
export function parseJoinLink(text: string): JoinLink {
  const match =
    /^(causeway|causeways|http|https):\/\/([^/\s?#]+)\/join#([A-Za-z0-9_-]{20,200})((?:&folder=[^&#\s]+)+)((?:&key=[A-Za-z0-9_-]{43}){0,2})$/.exec(
      text.trim(),
    )
  const [, scheme, host, secret, named, pinned = ''] = match ?? []
  if (scheme === undefined || host === undefined || secret === undefined || named === undefined) {
    throw new SyncError(
      'invite-invalid',
      'this is not a join link: it should look like causeway://HOST:PORT/join#SECRET&folder=NAME',
    )
  }
  const url = `${scheme === 'https' || scheme === 'causeways' ? 'https' : 'http'}://${host}`
  if (!URL.canParse(url)) throw new SyncError('invite-invalid', `the join link names no usable host: ${host}`)
  const folders = [...new Set(named.split('&folder=').slice(1).map(decodeFolder))]
  const pins = pinned
    .split('&key=')
    .slice(1)
    .map((pin) => KeyPinSchema.parse(pin))
  if (pins.length === 0) return { url, secret, folders }
  // Somebody who could change the scheme would be sent the secret in the clear.
  if (url.startsWith('http:'))
    throw new SyncError(
      'invite-invalid',
      'the join link names a key and begins with causeway:, but must with causeways:',
    )
  return { url, secret, folders, pins }
}

function decodeFolder(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new SyncError('invite-invalid', 'the join link names its folder in broken percent-encoding', { cause })
  }
}
