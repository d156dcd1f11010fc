import { z } from 'zod'
import { readFileIfThere, replaceFile } from '@causeway/disk'
import { AccessSchema, FolderIdSchema, KeyPinsSchema, NodeIdSchema, SyncError } from '@causeway/protocol'

const FORMAT = 1

const BindingSchema = z.object({
  folder: FolderIdSchema,
  name: z.string(),
  /** Absolute. */
  directory: z.string().min(1),
  access: AccessSchema,
  /** What the directory's marker must say. */
  nonce: z.string().min(1),
})
/** A directory of this machine, bound to a folder. */
export type Binding = z.infer<typeof BindingSchema>

/** A folder that was synced here until it was taken away: its files are still there. */
const FormerBindingSchema = BindingSchema.extend({
  why: z.enum(['taken-away', 'folder-removed']),
  /** When (ISO 8601). */
  endedAt: z.string(),
})
export type FormerBinding = z.infer<typeof FormerBindingSchema>

const NodeRecordSchema = z.object({
  format: z.literal(FORMAT),
  node: NodeIdSchema,
  name: z.string(),
  coordinator: z.object({
    url: z.url(),
    id: z.string().min(1),
    /** The TLS keys it may show; without them its certificate must be one that this machine trusts. */
    pins: KeyPinsSchema.optional(),
  }),
  /** Where this machine can be reached, as it tells the coordinator. */
  address: z.string(),
  port: z.int().min(0).max(65_535),
  folders: z.array(BindingSchema).max(1000),
  /** The newest last. */
  former: z.array(FormerBindingSchema).max(1000).optional(),
  /** Absolute: below it the node makes the directories of folders that it is given. */
  acceptInto: z.string().min(1).optional(),
  /** What people at the coordinator call it, where that is not its name. */
  calledAs: z.string().min(1).optional(),
  /** What former contents of files may take on the disk, in all folders together; the default if absent. */
  baseCacheBytes: z.int().min(0).optional(),
  /** Where other nodes may fetch chunks from this one; nowhere if absent. */
  peers: z.object({ host: z.string().min(1).optional(), port: z.int().min(0).max(65_535) }).optional(),
})
/** Who this node is, and what it keeps in sync: `node.json`. */
export type NodeRecord = z.infer<typeof NodeRecordSchema>

/** `undefined` if the node never enrolled. Throws on a file that can't be read: it is never taken for none. */
export async function readNodeRecord(path: string): Promise<NodeRecord | undefined> {
  const text = await readFileIfThere(path)
  if (text === undefined) return undefined
  const value = parse(path, text)
  const format = z.object({ format: z.int() }).safeParse(value)
  if (format.success && format.data.format > FORMAT) {
    throw new SyncError('newer-format', `${path} was written by a newer version (format ${format.data.format})`)
  }
  const record = NodeRecordSchema.safeParse(value)
  if (record.success) return record.data
  throw new SyncError('io-error', `${path} is damaged: ${record.error.issues[0]?.message ?? 'it does not fit'}`)
}

export async function writeNodeRecord(path: string, record: Omit<NodeRecord, 'format'>): Promise<void> {
  await replaceFile(path, `${JSON.stringify({ format: FORMAT, ...record }, undefined, 2)}\n`)
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyncError('io-error', `${path} is damaged: it is no JSON`, { cause })
  }
}
