import { z } from 'zod'

/**
 * Names a TLS key: SHA-256 of the public key as certificates carry it
 * (SubjectPublicKeyInfo), base64url. A certificate that is renewed for the
 * same key has the same pin.
 */
export const KeyPinSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/)
  .brand<'KeyPin'>()
export type KeyPin = z.infer<typeof KeyPinSchema>

/** The key in use and, while it is being replaced, the next one. */
export const KeyPinsSchema = z.array(KeyPinSchema).min(1).max(2).readonly()
