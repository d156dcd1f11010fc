import { errnoOf, systemReason } from './system-errors.ts'

/**
 * Why there was no whole answer from the coordinator at `url`, for people: each
 * cause in words of its own, with what to look at. `cause` is what the
 * transport threw (a socket's error, TLS, an HTTP parser's, `fetch`).
 */
export function unreachableReason(url: string, cause: unknown): string {
  const { code, error } = firstCode(cause)
  const { protocol, host, hostname } = new URL(url)
  const at = `the coordinator at ${host}`
  const isSecure = protocol === 'https:' || protocol === 'wss:'
  const known = KNOWN[code ?? '']
  if (known !== undefined) return known({ at, host, hostname, isSecure })
  if (code !== undefined && UNTRUSTED.has(code)) {
    return `the TLS certificate of ${host} is not trusted here: use a join link that carries its key (&key=…), or name its issuer's certificate in NODE_EXTRA_CA_CERTS`
  }
  // Not every answer that is no HTTP has a code.
  if (code?.startsWith('HPE_') === true || (error instanceof Error && error.name === 'HTTPParserError')) {
    return `what listens at ${host} is not Causeway, or expects TLS: check the port, and whether the address begins with https: or causeways:`
  }
  // As `fetch` fails where it may not tell why.
  if (error instanceof TypeError) return `${at} does not answer: is it running, and can this machine reach it?`
  return `${at} gave no whole answer: ${systemReason(error)}`
}

/** What to say of an HTTP answer that no coordinator gives. */
export function foreignAnswer(url: string, status: number): string {
  const { protocol, host } = new URL(url)
  const gateway = status === 502 || status === 503 || status === 504
  if (gateway)
    return `a proxy answers at ${host} (status ${status}), and the coordinator behind it does not: is it running?`
  const tls =
    status === 400 && protocol === 'http:' ? ', and whether the address should begin with https: or causeways:' : ''
  return `what answers at ${host} is not Causeway (status ${status}): check address and port${tls}`
}

interface Where {
  /** 'the coordinator at HOST:PORT' */
  readonly at: string
  readonly host: string
  readonly hostname: string
  readonly isSecure: boolean
}

type Told = (where: Where) => string

const apart: Told = ({ at }) =>
  `${at} cannot be reached from this machine: is it on, and are both connected to the same network or VPN?`
const late: Told = ({ at }) =>
  `${at} did not answer in time: is the machine on, and does a firewall let the port through?`
const silent: Told = ({ at }) =>
  `${at} took the connection and then said nothing: it is overloaded, or something else listens there`
const cutOff: Told = ({ at, isSecure }) =>
  `${at} closed the connection before its answer was whole: it was stopped, or ` +
  (isSecure
    ? 'does not speak TLS (then the address begins with http: or causeway:)'
    : 'the port expects TLS (then the address begins with https: or causeways:)')
const noTls: Told = ({ host }) =>
  `what answers at ${host} does not speak TLS, and nothing was sent to it: check the port, and whether something is in between`

/** The code of an error for a server that showed another TLS key than the pinned ones. */
export const OTHER_KEY = 'ERR_OTHER_KEY'

const otherKey: Told = ({ at }) =>
  `${at} does not have the key that this node was given when it joined, so nothing was sent to it. Either the ` +
  "coordinator's key was replaced without this node learning of it, or somebody is in between: compare the fingerprint " +
  'that the coordinator prints when it starts. If the key was replaced, ask for a new join link and run "causeway join" ' +
  'with it and the same directory: nothing is lost'

const KNOWN: Readonly<Record<string, Told>> = {
  ECONNREFUSED: ({ at }) => `${at} is down: nothing listens there. Start it, or check address and port`,
  ENOTFOUND: ({ hostname }) => `no machine is called ${hostname}: check the address, or the name service`,
  EAI_AGAIN: ({ hostname }) => `the name ${hostname} could not be looked up: is this machine connected to the network?`,
  EHOSTUNREACH: apart,
  EHOSTDOWN: apart,
  ENETUNREACH: apart,
  ENETDOWN: apart,
  ETIMEDOUT: late,
  UND_ERR_CONNECT_TIMEOUT: late,
  UND_ERR_HEADERS_TIMEOUT: silent,
  UND_ERR_BODY_TIMEOUT: silent,
  ECONNRESET: cutOff,
  EPIPE: cutOff,
  UND_ERR_SOCKET: cutOff,
  [OTHER_KEY]: otherKey,
  EPROTO: noTls,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  CERT_HAS_EXPIRED: ({ host }) => `the TLS certificate of ${host} has expired: renew it, or set this machine's clock`,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }) =>
    `the TLS certificate of ${host} is for another name: use the name that it is for`,
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

const MOST_CAUSES = 5

/** The first error on the chain of causes that has a code: `fetch` hides what happened, as do several addresses at once. */
function firstCode(cause: unknown): { code: string | undefined; error: unknown } {
  let error = cause
  for (let step = 0; step < MOST_CAUSES; step++) {
    const code = errnoOf(error)
    if (error instanceof AggregateError && error.errors.length > 0) error = error.errors[0]
    else if (code !== undefined && !code.startsWith('UND_ERR_INFO')) return { code, error }
    else if (error instanceof Error && error.cause !== undefined) error = error.cause
    else break
  }
  return { code: undefined, error }
}
