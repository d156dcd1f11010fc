import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { readFileIfThere, replaceFile } from '@causeway/disk'
import { pinOf } from './credentials.ts'

const DAY_MS = 24 * 3_600_000
/** Some systems take none that is valid for longer, even from their owner. */
const VALID_DAYS = 820
const RENEW_DAYS = 60

export interface CertificateWish {
  /** The private key, PEM. */
  readonly key: string
  /** Names and addresses that people use for this coordinator. */
  readonly names: readonly string[]
  readonly now: number
}

/** A private key for a certificate of our own: ECDSA on P-256, PEM. */
export function makeKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** The certificate that is kept at a path; made, or made again, where there is none that is for this key and these names for a while yet. */
export async function keptCertificate(path: string, wish: CertificateWish): Promise<string> {
  const kept = await readFileIfThere(path)
  if (kept !== undefined && serves(kept, wish)) return kept
  const made = await makeCertificate(wish)
  await replaceFile(path, made)
  return made
}

/** Whether a certificate is for a key and all of the names, and stays valid for long enough. */
export function serves(cert: string, { key, names, now }: CertificateWish): boolean {
  try {
    const certificate = new X509Certificate(cert)
    const left = new Date(certificate.validTo).getTime() - now
    return (
      pinOf(certificate.publicKey) === pinOf(key) &&
      left > RENEW_DAYS * DAY_MS &&
      names.every((name) => (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined)
    )
  } catch {
    return false
  }
}

async function makeCertificate({ key, names, now }: CertificateWish): Promise<string> {
  // It takes a tenth of a second to load, and is needed once in years.
  const { generate } = await import('selfsigned')
  const publicKey = createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'pem' }).toString()
  const { cert } = await generate([{ name: 'commonName', value: 'Causeway coordinator' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    keyPair: { privateKey: key, publicKey },
    // A node whose clock is behind does not look, but a browser does.
    notBeforeDate: new Date(now - DAY_MS),
    notAfterDate: new Date(now + VALID_DAYS * DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  })
  return cert
}
