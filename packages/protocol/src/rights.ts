import { z } from 'zod'

export const AccessSchema = z.enum(['read-write', 'send-only', 'receive-only'])
export type Access = z.infer<typeof AccessSchema>

/** A removal of more than `share` (0 to 1) of a folder's entries, and at least `min`, waits for a person. */
export const DeleteBrakeSchema = z.object({ share: z.number().min(0).max(1), min: z.int().min(0) })
export type DeleteBrake = z.infer<typeof DeleteBrakeSchema>
/** Until a folder says otherwise. */
export const DEFAULT_DELETE_BRAKE: DeleteBrake = { share: 0.5, min: 20 }

/**
 * What a call needs of a node in the folder it names. `docs/spec/model.md` has the table.
 *
 * - `list`: names, sizes, hashes, history: the tree, without a byte of it.
 * - `read`: bytes.
 * - `send`: operations, and the bytes they need.
 * - `repair`: chunks the coordinator lacks. A node that may not send gives
 *   only those it was asked for: its handlers see to that.
 * - `change`: what a person does from afar (restore, rename, upload): for a
 *   node that may both read and send.
 */
export type FolderRight = 'list' | 'read' | 'send' | 'repair' | 'change'

const RIGHTS: Readonly<Record<Access, ReadonlySet<FolderRight>>> = {
  'read-write': new Set(['list', 'read', 'send', 'repair', 'change']),
  'send-only': new Set(['list', 'send', 'repair']),
  'receive-only': new Set(['list', 'read', 'repair']),
}

export function mayUse(access: Access, right: FolderRight): boolean {
  return RIGHTS[access].has(right)
}

/** The accesses that let a node have bytes. */
export const READING: readonly Access[] = AccessSchema.options.filter((access) => mayUse(access, 'read'))
