import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { replaceFile } from '@causeway/disk'
import { SyncError, systemError } from '@causeway/protocol'

/** The node's Ed25519 key. It never leaves the machine. */
export interface NodeKey {
  /** 32 raw bytes, base64. */
  readonly publicKey: string
  sign(message: Uint8Array): Uint8Array
}

/** Reads the key, or makes it where there is none yet. */
export async function openNodeKey(path: string): Promise<NodeKey> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw systemError(`cannot read the node's key ${path}`, error)
  })
  if (text === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519')
    await replaceFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    return keyOf(privateKey)
  }
  return keyOf(parse(path, text))
}

function parse(path: string, text: string): KeyObject {
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (cause) {
    throw new SyncError('io-error', `the node's key ${path} is damaged`, { cause })
  }
  throw new SyncError('io-error', `the node's key ${path} is no Ed25519 key`)
}

function keyOf(privateKey: KeyObject): NodeKey {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x === undefined) throw new SyncError('internal', 'an Ed25519 key has no public part')
  return {
    publicKey: Buffer.from(x, 'base64url').toString('base64'),
    sign: (message) => sign(null, message, privateKey),
  }
}
