import { z } from 'zod'
import { TextSchema, WordSchema } from './bounded.ts'
import { LIMITS } from './limits.ts'

/** What the audit log knows of: what was done, in the past tense. */
export const AUDIT_ACTIONS = [
  'signed-in',
  'sign-in-link-made',
  'sign-in-failed',
  'sign-in-held-up',
  'signed-out',
  'session-ended',
  'password-changed',
  'person-invited',
  'person-invite-revoked',
  'person-joined',
  'person-changed',
  'person-removed',
  'password-link-made',
  'token-made',
  'token-removed',
  'node-invited',
  'node-invite-revoked',
  'node-joined',
  'node-registered',
  'node-renamed',
  'node-limited',
  'node-removed',
  'device-lost',
  'folder-created',
  'folder-changed',
  'folder-removed',
  'folder-restored',
  'folder-deleted',
  'folder-given',
  'folder-taken-away',
  'access-changed',
  'halt-lifted',
  'restored',
  'undone',
  'files-removed',
  'conflict-resolved',
  'key-announced',
  'key-dropped',
  'key-replaced',
  'audit-exported',
] as const
export const AuditActionSchema = z.enum(AUDIT_ACTIONS)
export type AuditAction = z.infer<typeof AuditActionSchema>

export const AuditActorSchema = z.object({
  kind: z.enum(['person', 'node', 'nobody']),
  /** Empty for nobody. */
  id: WordSchema,
  /** As it was then; for nobody, the name that was given. */
  name: WordSchema,
})
export type AuditActor = z.infer<typeof AuditActorSchema>

/** One line of the audit log. It is never changed. */
export const AuditEntrySchema = z.object({
  position: z.int().min(1),
  at: WordSchema,
  actor: AuditActorSchema,
  action: AuditActionSchema,
  /** What it was done to: a folder, a node, a person. */
  object: WordSchema,
  /** The address that the request came from. */
  from: WordSchema,
  /** More of it. */
  details: z.array(z.object({ name: WordSchema, value: TextSchema })).max(LIMITS.auditDetails),
})
export type AuditEntry = z.infer<typeof AuditEntrySchema>

export const AuditQuerySchema = z.object({
  /** Only what is older than this position. */
  before: z.coerce.number().int().min(1).optional(),
  action: AuditActionSchema.optional(),
  actor: z.string().max(LIMITS.wordChars).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.itemsPerPage).default(100),
})

export const AuditResponseSchema = z.object({ entries: z.array(AuditEntrySchema).max(LIMITS.itemsPerPage) })
