import {
  LINK_VERSION,
  ROUTES,
  SyncError,
  signInMessage,
  type LinkSessionResponse,
  type NodeId,
} from '@causeway/protocol'
import type { HttpExchange, HttpRequest } from './http-exchange.ts'
import { callJson } from './json-call.ts'

/** Who this node is, and to whom. */
export interface LinkIdentity {
  readonly node: NodeId
  /** The coordinator that the node enrolled with: a signature is good for no other. */
  readonly coordinator: string
  /** Signs with the node's Ed25519 key. */
  sign(message: Uint8Array): Uint8Array
}

/** A node's signed-in session, opened when it is first needed. */
export interface Session {
  /** A token that is good as far as is known. Calls at one time share one sign-in. */
  token(): Promise<string>
  /** Tells that a token was refused; the next `token()` signs in again. */
  forget(token: string): void
  /** Signs in now, whatever is known: what the coordinator says then is newer than this call. */
  renew(): Promise<LinkSessionResponse>
}

const SILENCE_MS = 5_000

export function createSession(
  exchange: HttpExchange,
  identity: LinkIdentity,
  onSignedIn: (session: LinkSessionResponse) => void = () => undefined,
): Session {
  // A sign-in that hangs on a dead line must not keep the link from being tried anew.
  const brisk = { send: (request: HttpRequest) => exchange.send({ ...request, silenceTimeoutMs: SILENCE_MS }) }
  let current: Attempt | undefined

  function signInOnce(): Attempt {
    const signedIn = signIn(brisk, identity).then(
      (session) => {
        onSignedIn(session)
        attempt.token = session.token
        return session
      },
      (error: unknown) => {
        if (current === attempt) current = undefined
        throw error
      },
    )
    const attempt: Attempt = { signedIn }
    current = attempt
    return attempt
  }

  return {
    token: async () => (await (current ?? signInOnce()).signedIn).token,
    forget(token) {
      if (current?.token === token) current = undefined
    },
    renew: () => signInOnce().signedIn,
  }
}

interface Attempt {
  readonly signedIn: Promise<LinkSessionResponse>
  /** Once it is known. */
  token?: string
}

async function signIn(exchange: Pick<HttpExchange, 'send'>, identity: LinkIdentity): Promise<LinkSessionResponse> {
  const { node } = identity
  const challenge = await callJson(exchange, ROUTES.link.challenge, { node })
  if (challenge.version !== LINK_VERSION) {
    throw new SyncError(
      'protocol-mismatch',
      `the coordinator speaks link version ${challenge.version}, this node ${LINK_VERSION}`,
    )
  }
  if (challenge.coordinator !== identity.coordinator) {
    throw new SyncError(
      'not-allowed',
      `this node enrolled with coordinator ${identity.coordinator}, not with ${challenge.coordinator}`,
    )
  }
  const signed = identity.sign(Buffer.from(signInMessage(identity.coordinator, challenge.nonce)))
  const proof = { node, nonce: challenge.nonce, signature: Buffer.from(signed).toString('base64') }
  return callJson(exchange, ROUTES.link.session, proof)
}
