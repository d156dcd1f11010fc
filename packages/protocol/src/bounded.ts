import { z } from 'zod'
import { LIMITS } from './limits.ts'

// Every list, text and number of a message has a bound: `bounds.test.ts` finds one that has none.

/** Bytes, up to `most` of them. */
export function bytesUpTo(most: number): z.ZodType<Uint8Array> {
  return z
    .instanceof(Uint8Array)
    .refine((bytes) => bytes.length <= most, `more than ${most} bytes`) as z.ZodType<Uint8Array>
}

/** Prose or a path, as the coordinator tells people. */
export const TextSchema = z.string().max(LIMITS.textChars)
/** A word that a program chose: a code, a version, a moment in ISO 8601. */
export const WordSchema = z.string().max(LIMITS.wordChars)
/** A whole or broken number from 0 on: bytes, milliseconds, rates. */
export const AmountSchema = z.number().min(0).max(Number.MAX_SAFE_INTEGER)

/** The text, or its beginning with a mark where it is longer. */
export function shortened(text: string, mostChars: number): string {
  return text.length <= mostChars ? text : `${text.slice(0, mostChars - 1).toWellFormed()}…`
}
