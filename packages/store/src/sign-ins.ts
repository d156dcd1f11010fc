import type { FolderId, NodeId, PersonId, TokenScope } from '@causeway/protocol'

/** Who is signed in, and who tries to be: shared by all coordinators of the store. */
export interface SignInReader {
  session(tokenHash: string): Promise<SessionRow | undefined>
  /** Those of one subject, the one used last first. */
  sessions(subject: SessionSubject): Promise<readonly SessionRow[]>
  token(tokenHash: string): Promise<ApiTokenRow | undefined>
  /** Those of one person, or all, by when they were made. */
  tokens(person?: PersonId): Promise<readonly ApiTokenRow[]>
  /** How often something was tried in vain of late; 0 times where it never was. */
  attempts(key: string): Promise<Attempts>
}

export interface SignInWriter extends SignInReader {
  /** Forgets those that have ended by then, and beyond `most` of this subject the ones that were used longest ago. */
  putSession(session: SessionRow, most: number): Promise<void>
  /** Notes when a session was used; it never goes back. */
  touchSession(tokenHash: string, at: string): Promise<void>
  /** False if there is none such. */
  removeSession(tokenHash: string): Promise<boolean>
  /** Ends all sessions of a subject but one, and returns how many. */
  removeSessions(subject: SessionSubject, except?: string): Promise<number>
  putToken(token: ApiTokenRow): Promise<void>
  touchToken(tokenHash: string, at: string): Promise<void>
  removeToken(tokenHash: string): Promise<boolean>
  /** Counts an attempt, and forgets those that were last seen before a time (ISO 8601). Returns what there is now. */
  addAttempt(key: string, at: string, forgetBefore: string): Promise<Attempts>
  /** One of them was none. */
  takeBackAttempt(key: string): Promise<void>
  forgetAttempts(key: string): Promise<void>
  /** Uses up something that is good once, until a time. False if it was used before. Forgets what is too old at `at`. */
  useOnce(name: string, until: string, at: string): Promise<boolean>
}

/** A person, a node, or whoever holds the admin token (`owner`). */
export type SessionSubject =
  | { readonly kind: 'person'; readonly person: PersonId }
  | { readonly kind: 'node'; readonly node: NodeId }
  | { readonly kind: 'owner' }

export interface SessionRow {
  /** SHA-256 of the token: whoever reads the store gets nobody's session. */
  readonly tokenHash: string
  readonly subject: SessionSubject
  readonly createdAt: string
  readonly lastUsedAt: string
  /** It ends then, however much it is used. */
  readonly expiresAt: string
  /** It ends when it was not used for so long. */
  readonly idleMs: number
  readonly userAgent: string
  readonly address: string
}

export interface ApiTokenRow {
  readonly tokenHash: string
  readonly person: PersonId
  readonly name: string
  readonly scope: TokenScope
  /** Only these; null for all that the person may use. */
  readonly folders: readonly FolderId[] | null
  readonly createdAt: string
  readonly expiresAt: string
  readonly lastUsedAt: string | null
}

export interface Attempts {
  readonly count: number
  /** Of the last one; null where there was none. */
  readonly lastAt: string | null
}
