import { createPrivateKey, createPublicKey, hash } from 'node:crypto'
import { KeyPinSchema, type KeyPin } from '@causeway/protocol'

export interface TestCertificate {
  readonly key: string
  readonly cert: string
  /** What a node pins of it. */
  readonly pin: KeyPin
}

/** A certificate that nobody vouches for, for this machine, with a key of its own. */
export async function makeCertificate(dates: { from?: string; until?: string } = {}): Promise<TestCertificate> {
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(dates.from ?? '2020-01-01'),
    notAfterDate: new Date(dates.until ?? '2049-01-01'),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  const key = createPublicKey(createPrivateKey(made.private)).export({ type: 'spki', format: 'der' })
  return { key: made.private, cert: made.cert, pin: KeyPinSchema.parse(hash('sha256', key, 'base64url')) }
}
