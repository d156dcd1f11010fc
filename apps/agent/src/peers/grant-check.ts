import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import {
  parsePeerToken,
  peerGrantMessage,
  SyncError,
  type FolderId,
  type NodeId,
  type PeerKey,
} from '@causeway/protocol'

/** Tells whether another node may have chunks of a folder from this one, without asking the coordinator. */
export interface GrantCheck {
  /** How the coordinator signs, and what its clock says now. */
  learn(key: PeerKey): void
  /** Who shows the token. Throws `not-allowed` unless the coordinator made it for this folder and this node, not long ago. */
  check(token: string, folder: FolderId): NodeId
}

export interface GrantCheckOptions {
  readonly coordinator: string
  readonly node: NodeId
  /** Milliseconds of a clock that nobody sets: the coordinator's is followed by it. */
  now(): number
}

export function createGrantCheck({ coordinator, node, now }: GrantCheckOptions): GrantCheck {
  let known: { readonly key: KeyObject; readonly aheadMs: number } | undefined

  return {
    learn({ key, nowMs }) {
      const x = Buffer.from(key, 'base64').toString('base64url')
      const jwk = { kty: 'OKP', crv: 'Ed25519', x }
      known = { key: createPublicKey({ key: jwk, format: 'jwk' }), aheadMs: nowMs - now() }
    },
    check(token, folder) {
      const { grant, signature } = parsePeerToken(token)
      if (known === undefined) throw refused('this node has not heard from its coordinator since it started')
      if (grant.giver !== node) throw refused('the token is for another node')
      if (grant.folder !== folder) throw refused('the token is for another folder')
      const message = Buffer.from(peerGrantMessage(coordinator, grant))
      if (!verify(null, message, known.key, Buffer.from(signature, 'base64url'))) {
        throw refused('the token was not signed by the coordinator of this node')
      }
      if (grant.untilMs <= now() + known.aheadMs) throw refused('the token has expired')
      return grant.taker
    },
  }
}

function refused(why: string): SyncError {
  return new SyncError('not-allowed', `no chunk is given: ${why}`)
}
