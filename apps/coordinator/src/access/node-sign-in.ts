import { createPublicKey, verify } from 'node:crypto'
import {
  LINK_VERSION,
  signInMessage,
  SyncError,
  type ChallengeResponse,
  type LinkSessionRequest,
  type LinkSessionResponse,
  type NodeId,
} from '@causeway/protocol'
import type { Context } from '../context.ts'
import { deleteBrakeOf } from '../folders/folders.ts'
import { newSecret } from './secrets.ts'
import type { Sessions } from './sessions.ts'

export interface NodeSignIn {
  /** A nonce to sign. Given to anybody, so that it does not tell which nodes exist. */
  challenge(node: NodeId): ChallengeResponse
  /** Opens a session for whoever holds the node's key; throws `not-signed-in`. Each nonce is good once. */
  session(request: LinkSessionRequest): Promise<LinkSessionResponse>
}

const NONCE_MS = 60_000
const MAX_NONCES = 10_000

export function createNodeSignIn(context: Context, sessions: Sessions<NodeId>): NodeSignIn {
  const { id: coordinator, metadata, clock } = context
  const nonces = new Map<string, { readonly node: NodeId; readonly expires: number }>()

  function takeNonce(nonce: string, node: NodeId): boolean {
    const known = nonces.get(nonce)
    nonces.delete(nonce)
    return known !== undefined && known.node === node && known.expires > clock.now()
  }

  return {
    challenge(node) {
      const nonce = newSecret()
      nonces.set(nonce, { node, expires: clock.now() + NONCE_MS })
      for (const oldest of nonces.keys()) {
        if (nonces.size <= MAX_NONCES) break
        nonces.delete(oldest)
      }
      return { nonce, coordinator, version: LINK_VERSION }
    },
    async session({ node, nonce, signature }) {
      const fresh = takeNonce(nonce, node)
      const { row, folders } = await metadata.read(async (tx) => {
        const memberships = await tx.memberships({ node })
        const folders = await Promise.all(
          memberships.map(async ({ folder, access, paused }) => {
            const row = await tx.folder(folder)
            if (row === undefined) return []
            const { id, name, epoch, settings } = row
            return [{ id, name, epoch, access, deleteBrake: deleteBrakeOf(settings), paused }]
          }),
        )
        return { row: await tx.node(node), folders: folders.flat() }
      })
      const key = row?.revoked === false ? row.publicKey : null
      const signed = key !== null && holdsKey(key, signInMessage(coordinator, nonce), signature)
      if (!fresh || !signed) {
        throw new SyncError('not-signed-in', `${node} could not sign in: its key or its challenge is not good here`)
      }
      return { ...sessions.open(node), folders }
    },
  }
}

function holdsKey(publicKey: string, message: string, signature: string): boolean {
  const x = Buffer.from(publicKey, 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return verify(null, Buffer.from(message), key, Buffer.from(signature, 'base64'))
}
