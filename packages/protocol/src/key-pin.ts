import { z } from 'zod'
import { WordSchema } from './bounded.ts'
import { NodeIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

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

/** The keys that a node accepts; none where it goes by certificates. */
export const KeptPinsSchema = z.array(KeyPinSchema).max(2).readonly()

/** Where the replacement of the coordinator's TLS key stands. */
export const KeyRotationViewSchema = z.object({
  current: KeyPinSchema,
  /** The key that will take over; null while none is being introduced. */
  next: KeyPinSchema.nullable(),
  /** Nodes that have not learned of the next one, or not said yet what they pin. */
  waitingFor: z.array(z.object({ node: NodeIdSchema, name: WordSchema })).max(LIMITS.nodesPerVector),
})
export type KeyRotationView = z.infer<typeof KeyRotationViewSchema>

export const FinishRotationRequestSchema = z.object({
  /** Nodes that have not learned of the key are left behind: they have to join again with a new link. */
  leaveBehind: z.boolean().default(false),
})
