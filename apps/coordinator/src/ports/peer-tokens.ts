import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { formatPeerToken, peerGrantMessage, type PeerGrant } from '@causeway/protocol'

/** Signs what nodes show one another, so that the one who is asked need not ask here. */
export interface PeerTokens {
  /** 32 raw bytes of an Ed25519 key, base64. */
  readonly publicKey: string
  make(grant: PeerGrant): string
}

/** An Ed25519 private key in PKCS #8 is this and its 32 bytes. */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex')

/** All coordinators of one store have the same secret (hexadecimal), and so the same key. */
export function createPeerTokens(coordinator: string, secret: string): PeerTokens {
  const seed = createHmac('sha256', Buffer.from(secret, 'hex')).update('causeway-peer-v1').digest()
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' })
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: Buffer.from(x, 'base64url').toString('base64'),
    make(grant) {
      const signature = sign(null, Buffer.from(peerGrantMessage(coordinator, grant)), key)
      return formatPeerToken(grant, signature.toString('base64url'))
    },
  }
}
