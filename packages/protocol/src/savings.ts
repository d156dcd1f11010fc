import { z } from 'zod'
import { TextSchema, WordSchema } from './bounded.ts'
import { ContentHashSchema, FolderIdSchema, NodeIdSchema, EntryIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'

const BytesSchema = z.int().min(0)

/**
 * How file contents crossed one hop, counted as they crossed. The plain bytes
 * of the contents are `reusedBytes + peerBytes + deltaBytes + packedBytes + plainBytes`.
 */
export const SavingsSchema = z.object({
  files: z.int().min(0),
  /** What the files hold. */
  logicalBytes: BytesSchema,
  /** What crossed the wire for them, chunk lists and messages included; not the headers of HTTP and TCP. */
  wireBytes: BytesSchema,
  /** Held by the receiver already. */
  reusedBytes: BytesSchema,
  /** Told by deltas, and what the deltas took. */
  deltaBytes: BytesSchema,
  deltaWireBytes: BytesSchema,
  /** Sent compressed, and what that took. */
  packedBytes: BytesSchema,
  packedWireBytes: BytesSchema,
  /** Sent as they are. */
  plainBytes: BytesSchema,
  /** Received from other nodes, by the receiver's word: nothing of it crossed this hop. */
  peerBytes: BytesSchema,
  /** What sending each changed file whole would have taken. */
  wholeFileBytes: BytesSchema,
})
export type Savings = z.infer<typeof SavingsSchema>

export const DirectionSchema = z.enum(['up', 'down'])
/** `up`: from a node to the coordinator; `down`: from it to a node. */
export type Direction = z.infer<typeof DirectionSchema>

/** One large file, or the small files of one message, on one hop. */
export const TransferSchema = SavingsSchema.extend({
  position: z.int().min(1),
  folder: FolderIdSchema,
  node: NodeIdSchema,
  direction: DirectionSchema,
  /** The file, where it is one. */
  entry: EntryIdSchema.nullable(),
  path: TextSchema.nullable(),
  content: ContentHashSchema.nullable(),
  at: WordSchema,
})
export type Transfer = z.infer<typeof TransferSchema>

export const NO_SAVINGS: Savings = {
  files: 0,
  logicalBytes: 0,
  wireBytes: 0,
  reusedBytes: 0,
  deltaBytes: 0,
  deltaWireBytes: 0,
  packedBytes: 0,
  packedWireBytes: 0,
  plainBytes: 0,
  peerBytes: 0,
  wholeFileBytes: 0,
}

/** The fields of `Savings`, in the order in which everything shows them. */
export const SAVINGS_FIELDS = [
  'files',
  'logicalBytes',
  'wireBytes',
  'reusedBytes',
  'deltaBytes',
  'deltaWireBytes',
  'packedBytes',
  'packedWireBytes',
  'plainBytes',
  'peerBytes',
  'wholeFileBytes',
] as const satisfies readonly (keyof Savings)[]

export function addSavings(a: Savings, b: Savings): Savings {
  const sum = { ...NO_SAVINGS }
  for (const field of SAVINGS_FIELDS) sum[field] = a[field] + b[field]
  return sum
}

const FilterShape = {
  folder: FolderIdSchema.optional(),
  node: NodeIdSchema.optional(),
  direction: DirectionSchema.optional(),
}

export const SavingsQuerySchema = z.object({
  ...FilterShape,
  /** Whole hours from the one that holds this moment (ISO 8601) on; everything without it. */
  since: z.iso.datetime({ offset: true }).max(LIMITS.wordChars).optional(),
})

/** The savings of one hour, folder, node and direction. */
export const HourSavingsSchema = SavingsSchema.extend({
  /** When the hour begins, ISO 8601. */
  hour: WordSchema,
  folder: FolderIdSchema,
  node: NodeIdSchema,
  direction: DirectionSchema,
})
export type HourSavings = z.infer<typeof HourSavingsSchema>

export const SavingsResponseSchema = z.object({
  total: SavingsSchema,
  up: SavingsSchema,
  down: SavingsSchema,
  hours: z.array(HourSavingsSchema).max(LIMITS.itemsPerList),
})
export type SavingsResponse = z.infer<typeof SavingsResponseSchema>

export const TransferOrderSchema = z.enum(['newest', 'most-saved', 'least-saved'])
export type TransferOrder = z.infer<typeof TransferOrderSchema>

export const TransfersQuerySchema = z.object({
  ...FilterShape,
  entry: EntryIdSchema.optional(),
  order: TransferOrderSchema.default('newest'),
  before: z.coerce.number<number>().int().min(1).optional(),
  limit: z.coerce.number<number>().int().min(1).max(LIMITS.itemsPerPage).default(100),
})
export const TransfersResponseSchema = z.object({ transfers: z.array(TransferSchema).max(LIMITS.itemsPerPage) })
export type TransfersResponse = z.infer<typeof TransfersResponseSchema>

/** Messages take room whatever they carry: fewer bytes than this beyond what the files hold tell nothing of the files. */
const TOO_LITTLE_BYTES = 64_000

/** What came of sending `held` bytes of files as `crossed`: what was saved, what crossed beyond, or that nobody can tell. */
export type SavingsVerdict =
  | { readonly kind: 'saved'; readonly bytes: number }
  | { readonly kind: 'too-little' }
  | { readonly kind: 'more'; readonly bytes: number }

export function savingsVerdict(held: number, crossed: number): SavingsVerdict {
  if (crossed <= held) return { kind: 'saved', bytes: held - crossed }
  const bytes = crossed - held
  return bytes < TOO_LITTLE_BYTES ? { kind: 'too-little' } : { kind: 'more', bytes }
}
