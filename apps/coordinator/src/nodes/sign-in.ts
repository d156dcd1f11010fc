import { createPublicKey, verify } from 'node:crypto'
import {
  LINK_VERSION,
  signInMessage,
  SyncError,
  type CarriedFolder,
  type ChallengeResponse,
  type LinkSessionRequest,
  type LinkSessionResponse,
  type NodeId,
} from '@causeway/protocol'
import type { Context } from '../ports/context.ts'
import { assignmentsOf, carriedOf } from './assignments.ts'
import type { Challenges } from '../access/challenges.ts'
import { nodeRemoved } from './node-removed.ts'
import { openSession, type SignInPlace } from '../access/sessions.ts'

export interface NodeSignIn {
  /** A nonce to sign. Given to anybody, so that it does not tell which nodes exist. */
  challenge(node: NodeId): ChallengeResponse
  /**
   * Opens a session for whoever holds the node's key; throws `not-signed-in`.
   * Each nonce is good once. A node that was removed, and shows by its key that
   * it is the one, is told so: `node-removed`.
   */
  session(request: LinkSessionRequest, place?: SignInPlace): Promise<LinkSessionResponse>
}

export function createNodeSignIn(context: Context, challenges: Challenges): NodeSignIn {
  const { id: coordinator, metadata, steadyClock, peerTokens, clock } = context
  return {
    challenge: (node) => ({ nonce: challenges.make(node), coordinator, version: LINK_VERSION }),
    async session({ node, nonce, signature }, place = NOWHERE) {
      // Before anything is looked up: most of what strangers send ends here.
      if (!challenges.isGood(nonce, node)) throw notSignedIn(node)
      const { row, folders, assignments } = await metadata.read(async (tx) => {
        const folders: CarriedFolder[] = []
        for (const member of await tx.memberships({ node })) {
          const row = await tx.folder(member.folder)
          if (row !== undefined) folders.push(carriedOf(row, member))
        }
        return { row: await tx.node(node), folders, assignments: await assignmentsOf(tx, node) }
      })
      const key = row?.publicKey ?? null
      const signed = key !== null && holdsKey(key, signInMessage(coordinator, nonce), signature)
      if (!signed || !challenges.admit(node)) throw notSignedIn(node)
      const session = await metadata.write(async (tx) => {
        if (!(await challenges.use(tx, nonce))) return undefined
        return openSession(tx, { subject: { kind: 'node', node }, now: steadyClock.now(), place })
      })
      if (session === undefined) throw notSignedIn(node)
      if (row?.revoked === true) throw nodeRemoved(node)
      const peers = { key: peerTokens.publicKey, nowMs: clock.now() }
      return { ...session, folders, assignments, peers, ...(row !== undefined && { name: row.name }) }
    },
  }
}

const NOWHERE: SignInPlace = { userAgent: '', address: '' }

function notSignedIn(node: NodeId): SyncError {
  return new SyncError('not-signed-in', `${node} could not sign in: its key or its challenge was not accepted`)
}

/** Whether a signature over a message was made with the Ed25519 key to this public one. */
export function holdsKey(publicKey: string, message: string, signature: string): boolean {
  const x = Buffer.from(publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from(message), key, Buffer.from(signature, 'base64'))
}
