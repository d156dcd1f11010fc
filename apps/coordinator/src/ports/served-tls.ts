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
}
