import type { z } from 'zod'
import { SyncError } from './error-codes.ts'

/** Checks a parsed value against its schema; throws `bad-request` and names the first field that does not fit. */
export function check<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const where = issue?.path.map(String).join('.') || 'the message itself'
  throw new SyncError('bad-request', `${where}: ${issue?.message ?? 'does not fit'}`)
}
