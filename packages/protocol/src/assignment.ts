import { z } from 'zod'
import { WordSchema } from './bounded.ts'
import { FolderIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { AccessSchema, DeleteBrakeSchema } from './rights.ts'

/** A folder that a node carries, and what it may do in it. */
export const CarriedFolderSchema = z.object({
  id: FolderIdSchema,
  name: WordSchema,
  epoch: WordSchema,
  access: AccessSchema,
  deleteBrake: DeleteBrakeSchema,
  /** True while a person has paused the folder on this node. */
  paused: z.boolean().optional(),
})
export type CarriedFolder = z.infer<typeof CarriedFolderSchema>

/** A folder that a person gave to the node. It carries it once it has said that it has a directory for it. */
export const FolderOfferSchema = z.object({ id: FolderIdSchema, name: WordSchema, access: AccessSchema })
export type FolderOffer = z.infer<typeof FolderOfferSchema>

/** A folder that the node is to carry no longer: taken from it alone, or removed everywhere. Its files stay where they are. */
export const FolderEndSchema = z.object({ id: FolderIdSchema, why: z.enum(['taken-away', 'folder-removed']) })
export type FolderEnd = z.infer<typeof FolderEndSchema>

/**
 * What people decided about this node's folders. Told whole, at each sign-in, when the socket opens, and at each
 * change: what is not named here is as it was.
 */
export const AssignmentsSchema = z.object({
  offers: z.array(FolderOfferSchema).max(LIMITS.foldersPerNode),
  ended: z.array(FolderEndSchema).max(LIMITS.foldersPerNode),
})
export type Assignments = z.infer<typeof AssignmentsSchema>

/** The node has a directory for a folder that it was offered. Answered with the folder; a repeat is answered the same. */
export const AcceptRequestSchema = z.object({
  folder: FolderIdSchema,
  /** All directories that the node keeps in sync then, for people to see. */
  watchDirectories: z.array(z.string().max(LIMITS.pathBytes)).max(LIMITS.watchDirectories).optional(),
})
export const AcceptResponseSchema = z.object({ folder: CarriedFolderSchema })

/** The node does not want a folder that it was offered. Answered with nothing in it; a repeat is answered the same. */
export const DeclineRequestSchema = z.object({ folder: FolderIdSchema })
export const DeclineResponseSchema = z.object({})
