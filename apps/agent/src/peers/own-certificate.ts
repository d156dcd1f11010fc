import { createPublicKey, hash } from 'node:crypto'
import { KeyPinSchema, type KeyPin } from '@causeway/protocol'

export interface OwnCertificate {
  /** PEM. */
  readonly key: string
  readonly cert: string
  /** What others look at instead of the certificate's names and dates. */
  readonly pin: KeyPin
}

/** A new key at each start, and a certificate that carries it: the coordinator tells the others which key it is. */
export async function makeOwnCertificate(): Promise<OwnCertificate> {
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'Causeway node' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date('2020-01-01'),
    notAfterDate: new Date('2049-01-01'),
  })
  const key = createPublicKey(made.private).export({ type: 'spki', format: 'der' })
  return { key: made.private, cert: made.cert, pin: KeyPinSchema.parse(hash('sha256', key, 'base64url')) }
}
