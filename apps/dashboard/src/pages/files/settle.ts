import type { ConflictView, VersionView } from '@causeway/protocol'
import { client } from '../../data/client.ts'
import { plural } from '../../parts/format.ts'
import { nameOf } from './paths.ts'
import { tell, tellDone, tellFailure } from './undo.tsx'

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
      undos.push(() => takeBack(conflict, original))
    } catch (error) {
      tellFailure(`settle ${nameOf(conflict.rivalPath)}`, error)
    }
  }
  const [first] = conflicts
  if (undos.length === 0 || first === undefined) return
  const what = conflicts.length === 1 ? `“${nameOf(first.rivalPath)}”` : plural(undos.length, 'conflict')
  if (choice === 'keep-both') return tell(`${what} settled: both stay.`)
  tellDone(`${what} settled.`, async () => {
    for (const undo of undos) await undo()
  })
}

/** The version of the file that kept the name. */
async function newestOf({ folder, rival }: ConflictView): Promise<VersionView | undefined> {
  return (await client.history(folder, { entry: rival }, { limit: 1 })).versions[0]
}

/** Both files stand again, as after keeping both. */
async function takeBack({ folder, copy, rival }: ConflictView, original: VersionView | undefined): Promise<void> {
  await client.restore(folder, { entry: copy })
  if (original !== undefined) await client.restore(folder, { entry: rival, version: original.seq })
}
