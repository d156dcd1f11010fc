import type { EntryId, Everything, FolderId } from '@causeway/protocol'
import { notifications } from '@mantine/notifications'
import { client } from '../../data/client.ts'
import { count } from '../../parts/format.ts'

/** What the coordinator takes in one request. */
const AT_ONCE = 500

/** Does something part by part, and says how far it is as soon as it takes longer than one part. */
async function inParts<T>(
  words: string,
  total: number,
  part: (after: string | undefined) => Promise<{ readonly done: readonly T[]; readonly next: string | null }>,
): Promise<readonly T[]> {
  const id = `${words} ${Math.random()}`
  const all: T[] = []
  const tell = (): string => `${words}: ${count(all.length)} of ${count(total)}`
  try {
    let after: string | undefined
    for (;;) {
      const { done, next } = await part(after)
      all.push(...done)
      if (next === null) return all
      const said = { id, loading: true, autoClose: false, withCloseButton: false, message: tell() } as const
      if (after === undefined) notifications.show(said)
      else notifications.update(said)
      after = next
    }
  } finally {
    notifications.hide(id)
  }
}

/** Does something with all of these, as many at once as one request takes. */
async function inSlices<T>(words: string, all: readonly T[], work: (some: readonly T[]) => Promise<unknown>) {
  await inParts(words, all.length, async (after = '0') => {
    const end = Number(after) + AT_ONCE
    const done = all.slice(Number(after), end)
    await work(done)
    return { done, next: end < all.length ? String(end) : null }
  })
}

/** Resolves to what was deleted, so that it can be brought back. */
export function removeEverything(
  folder: FolderId,
  what: Everything,
  { asOf, entries }: { readonly asOf: number; readonly entries: number },
): Promise<readonly EntryId[]> {
  return inParts('Deleting', entries, async (after) => {
    const { gone, next } = await client.removeEverything(folder, { ...what, asOf, after })
    return { done: gone, next }
  })
}

/** Resolves to the names that were moved, and how many stayed as their names are taken there. */
export async function moveEverything(
  folder: FolderId,
  what: Everything,
  into: string,
): Promise<{ readonly moved: readonly string[]; readonly taken: number }> {
  const { asOf, entries } = await client.countEverything(folder, what)
  let taken = 0
  const moved = await inParts('Moving', entries, async (after) => {
    const part = await client.moveEverything(folder, { ...what, asOf, into, after })
    taken += part.taken.length
    return { done: part.moved, next: part.next }
  })
  return { moved, taken }
}

/** Moves these back to where they were. */
export async function moveBack(
  folder: FolderId,
  names: readonly string[],
  { from, into }: { readonly from: string; readonly into: string },
): Promise<void> {
  await inSlices('Moving back', names, (only) =>
    client.moveEverything(folder, { directory: from, into, asOf: 0, only }),
  )
}

/** Brings deleted entries back, directories with what fell with them. */
export async function bringBack(folder: FolderId, entries: readonly string[]): Promise<void> {
  await inSlices('Restoring', entries, (some) => client.bringBack(folder, some))
}
