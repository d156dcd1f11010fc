import { z } from 'zod'
import { EntryIdSchema, FolderIdSchema, NodeIdSchema } from '../ids.ts'

/** What paths name. */
export const InFolder = z.object({ folder: FolderIdSchema })
export const InFolderNode = InFolder.extend({ node: NodeIdSchema })
export const InFolderCopy = InFolder.extend({ copy: EntryIdSchema })
export const InFolderVersion = InFolder.extend({ seq: z.coerce.number<number>().int().min(1) })
export const InFolderEvent = InFolder.extend({ position: z.coerce.number<number>().int().min(1) })
export const OfNode = z.object({ id: NodeIdSchema })
export const OfFolder = z.object({ id: FolderIdSchema })
