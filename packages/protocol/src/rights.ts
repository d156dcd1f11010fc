import { z } from 'zod'

export const AccessSchema = z.enum(['read-write', 'send-only', 'receive-only'])
export type Access = z.infer<typeof AccessSchema>

/** A removal of more than `share` (0 to 1) of a folder's entries, and at least `min`, waits for a person. */
export const DeleteBrakeSchema = z.object({ share: z.number().min(0).max(1), min: z.int().min(0) })
export type DeleteBrake = z.infer<typeof DeleteBrakeSchema>
/** Until a folder says otherwise. */
export const DEFAULT_DELETE_BRAKE: DeleteBrake = { share: 0.5, min: 20 }
