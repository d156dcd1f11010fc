import type { ConflictView, VersionView } from '@causeway/protocol'
import { client } from '../../data/client.ts'
import { plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { nameOf } from './paths.ts'
import { tellDone, tellFailure } from './undo.tsx'

export type Choice = 'keep-original' | 'keep-copy' | 'keep-both'

export const CHOICES = [
  { choice: 'keep-original', many: 'Keep the originals' },
  { choice: 'keep-copy', many: 'Keep the copies' },
  { choice: 'keep-both', many: 'Keep both' },
] as const satisfies readonly { choice: Choice; many: string }[]

/** Settles them one after the other. What could not be settled is told; the way back is for all that could. */
export async function settleAll(conflicts: readonly ConflictView[], choice: Choice): Promise<void> {
  const undos: (() => Promise<unknown>)[] = []
  for (const conflict of conflicts) {
    try {
      const original = choice === 'keep-copy' ? await newestOf(conflict) : undefined
      await client.settle(conflict.folder, conflict.copy, choice)
      undos.push(() => takeBack(conflict, choice, original))
    } catch (error) {
      tellFailure(`settle ${isolated(nameOf(conflict.rivalPath))}`, error)
    }
  }
  const [first] = conflicts
  if (undos.length === 0 || first === undefined) return
  const what = conflicts.length === 1 ? `“${isolated(nameOf(first.rivalPath))}”` : plural(undos.length, 'conflict')
  tellDone(choice === 'keep-both' ? `${what} settled: both stay.` : `${what} settled.`, async () => {
    for (const undo of undos) await undo()
  })
}

/** The version of the file that kept the name. */
async function newestOf({ folder, rival }: ConflictView): Promise<VersionView | undefined> {
  return (await client.history(folder, { entry: rival }, { limit: 1 })).versions[0]
}

/** Both files stand as before, and the conflict waits in the queue again. */
async function takeBack(
  { folder, copy, rival }: ConflictView,
  choice: Choice,
  original: VersionView | undefined,
): Promise<void> {
  if (choice !== 'keep-both') await client.restore(folder, { entry: copy })
  if (original !== undefined) await client.restore(folder, { entry: rival, version: original.seq })
  await client.reopen(folder, copy)
}
