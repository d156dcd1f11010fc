import { createPrivateKey, createPublicKey, hash, X509Certificate, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { KeyPinSchema, SyncError, type KeyPin } from '@causeway/protocol'
import type { Credentials } from '../ports/served-tls.ts'

/** What a node pins of a key, private or public, in PEM. */
export function pinOf(key: string | KeyObject): KeyPin {
  const publicKey = typeof key === 'string' ? createPublicKey(key) : key
  return KeyPinSchema.parse(hash('sha256', publicKey.export({ type: 'spki', format: 'der' }), 'base64url'))
}

/** SHA-256 of the certificate, as browsers show it: pairs of hexadecimal digits. */
export function fingerprintOf({ cert }: Pick<Credentials, 'cert'>): string {
  return new X509Certificate(cert).fingerprint256
}

export interface CheckedCredentials extends Credentials {
  readonly validTo: Date
}

/** Key and certificate from files, if they can be used together now. Throws `io-error` in words with the file's name. */
export function checkCredentials(
  { key, cert }: Credentials,
  { certPath, keyPath, now }: { readonly certPath: string; readonly keyPath: string; readonly now: number },
): CheckedCredentials {
  const certificate = readCertificate(cert, certPath)
  if (!certificate.checkPrivateKey(readKey(key, keyPath))) {
    throw unusable(
      `the key in ${keyPath} does not belong to the certificate in ${certPath}`,
      'name the two that were issued together; in a file with several certificates, your own comes first',
    )
  }
  const validTo = new Date(certificate.validTo)
  if (validTo.getTime() <= now) {
    throw unusable(`the certificate in ${certPath} expired on ${day(validTo)}`, 'renew it')
  }
  const validFrom = new Date(certificate.validFrom)
  if (validFrom.getTime() > now) {
    throw unusable(`the certificate in ${certPath} is not valid until ${day(validFrom)}`, "check this machine's clock")
  }
  return { key, cert, validTo }
}

function readCertificate(cert: string, path: string): X509Certificate {
  try {
    return new X509Certificate(cert)
  } catch (cause) {
    throw unusable(`${path} holds no certificate in PEM`, 'it begins with -----BEGIN CERTIFICATE-----', cause)
  }
}

function readKey(key: string, path: string): KeyObject {
  // "BEGIN ENCRYPTED PRIVATE KEY", or "Proc-Type: 4,ENCRYPTED" in older files.
  if (/^(?:-----BEGIN |Proc-Type: 4,)ENCRYPTED/m.test(key))
    throw unusable(
      `the key in ${path} is protected by a passphrase`,
      'store it without one, readable by its owner only',
    )
  try {
    return createPrivateKey(key)
  } catch (cause) {
    throw unusable(
      `${path} holds no private key in PEM`,
      'it begins with -----BEGIN PRIVATE KEY----- or the like',
      cause,
    )
  }
}

/** A name that a certificate is for: the one asked for if it is, else its first that is no pattern. */
export function nameIn(cert: string, asked: string): string {
  const certificate = new X509Certificate(cert)
  const bare = asked.replace(/^\[|\]$/g, '')
  const isNamed = isIP(bare) === 0 ? certificate.checkHost(bare) : certificate.checkIP(bare)
  if (isNamed !== undefined) return asked
  return /(?:^|, )DNS:([a-z0-9.-]+)(?=,|$)/i.exec(certificate.subjectAltName ?? '')?.[1] ?? asked
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}

function unusable(why: string, advice: string, cause?: unknown): SyncError {
  return new SyncError('io-error', `${why}: ${advice}`, { cause })
}
