import type { KeyPin } from '@causeway/protocol'

/** A private key and the certificate for it, with those that vouch for it behind: both in PEM. */
export interface Credentials {
  readonly key: string
  readonly cert: string
}

/** The TLS keys that nodes pin: the one in use, and the next one while it is being introduced. */
export interface KeyPins {
  /** Empty where nodes check the certificate as usual. */
  current(): readonly KeyPin[]
  /** Calls back after each change. Returns how to stop listening. */
  subscribe(changed: () => void): () => void
}

export const NO_PINS: KeyPins = { current: () => [], subscribe: () => () => undefined }

/** The replacement of the key that nodes have pinned. */
export interface KeyRotation {
  /** The key that will take over, while nodes learn of it. */
  readonly next: KeyPin | null
  /** Makes the next key, if there is none yet. */
  begin(): Promise<void>
  /** The next key takes over. Throws `not-found` if there is none. */
  finish(): Promise<void>
  /** There is no next key any more; nodes forget it. Throws `not-found` if there is none. */
  cancel(): Promise<void>
}

/** What this coordinator shows to whoever connects. */
export interface ServedTls {
  /** `made`: by the coordinator itself, so that nodes pin its key. `own`: by the owner, and checked as usual. */
  readonly kind: 'made' | 'own'
  readonly credentials: Credentials
  readonly pins: KeyPins
  /** Calls back when there are other credentials. Returns how to stop listening. */
  subscribe(changed: () => void): () => void
  /** Under which name or address to send others here: the one that was asked for, where the certificate is for it. */
  nameFor(asked: string): string
  /** Null where the key is replaced by its owner. */
  readonly rotation: KeyRotation | null
}
