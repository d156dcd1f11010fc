import {
  ChallengeResponseSchema,
  LINK_VERSION,
  LinkSessionResponseSchema,
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
}

/** What the coordinator says, at each sign-in, that the node may do. */
export type FolderRights = LinkSessionResponse['folders']

const SILENCE_MS = 5_000

export function createSession(
  exchange: HttpExchange,
  identity: LinkIdentity,
  onRights: (folders: FolderRights) => void = () => undefined,
): Session {
  // A sign-in that hangs on a dead line must not keep the link from being tried anew.
  const brisk = { send: (request: HttpRequest) => exchange.send({ ...request, silenceTimeoutMs: SILENCE_MS }) }
  let current: { promise: Promise<string>; token?: string } | undefined

  function signInOnce(): Promise<string> {
    const attempt: { promise: Promise<string>; token?: string } = {
      promise: signIn(brisk, identity).then(
        ({ token, folders }) => {
          onRights(folders)
          return (attempt.token = token)
        },
        (error: unknown) => {
          if (current === attempt) current = undefined
          throw error
        },
      ),
    }
    current = attempt
    return attempt.promise
  }

  return {
    token: () => current?.promise ?? signInOnce(),
    forget(token) {
      if (current?.token === token) current = undefined
    },
  }
}

async function signIn(exchange: Pick<HttpExchange, 'send'>, identity: LinkIdentity): Promise<LinkSessionResponse> {
  const { node } = identity
  const challenge = await callJson(exchange, '/link/v1/challenge', { node }, ChallengeResponseSchema)
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
  return callJson(exchange, '/link/v1/session', proof, LinkSessionResponseSchema)
}
