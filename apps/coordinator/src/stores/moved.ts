import { SyncError } from '@causeway/protocol'
import { COPYING, type MetadataReader } from '@causeway/store'
import { z } from 'zod'

/** Where a database says that it is not to be served, and why. Empty where it is, again. */
export const MOVED_SETTING = 'moved'

const MovedSchema = z.object({
  /** `moved`: the installation was moved to another place. `backup`: it is a copy, kept to be restored. */
  kind: z.enum(['moved', 'backup']),
  /** Where to; for people. */
  to: z.string(),
  at: z.string(),
})
export type Moved = z.infer<typeof MovedSchema>

export async function movedFrom(tx: MetadataReader): Promise<Moved | null> {
  const text = await tx.setting(MOVED_SETTING)
  return text === undefined || text === '' ? null : MovedSchema.parse(JSON.parse(text))
}

/** Throws `store-mismatch` for a database that is the unfinished copy of another, was moved, or is a backup. */
export async function refuseUnserved(tx: MetadataReader, database: string, data: string): Promise<void> {
  const moved = await movedFrom(tx)
  if (moved !== null) throw new SyncError('store-mismatch', movedText(moved, database, data))
  if (((await tx.setting(COPYING)) ?? '') !== '') {
    throw new SyncError(
      'store-mismatch',
      `the database ${database} is a copy that was never finished. Run the same "causeway migrate", "backup" or "restore" again: it continues where it was.`,
    )
  }
}

function movedText({ kind, to, at }: Moved, database: string, data: string): string {
  if (kind === 'backup') {
    return `the database ${database} is a backup of ${at}, and is not served itself. Restore it with "causeway restore --from ${data} --data DIR".`
  }
  return (
    `the database ${database} was moved to ${to} at ${at}, and what happened since is only there. Start the coordinator on that. ` +
    'If you want to return to the state of that moment, and lose what happened since, stop the coordinator there for good and run ' +
    `"causeway migrate --reopen --data ${data}" with the flags of the old place; then start it here.`
  )
}
