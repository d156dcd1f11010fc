import type { FolderId } from '@causeway/protocol'
import { client } from '../../data/client.ts'
import { modals } from '../../parts/confirm.tsx'
import { count } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { archiveAddress, downloadAddress } from './addresses.ts'
import { joinPath, movesInto, nameOf, parentOf, topmost } from './paths.ts'
import type { Row } from './row.ts'
import { tellDone, tellFailure } from './undo.tsx'

/** What the coordinator takes in one request. */
const REMOVED_AT_ONCE = 1000

export async function makeDirectory(folder: FolderId, path: string): Promise<void> {
  await client.makeDirectory(folder, path)
}

export async function rename(folder: FolderId, { path, name }: Row, to: string): Promise<void> {
  const target = joinPath(parentOf(path), to)
  if (target === path) return
  await client.move(folder, path, target)
  tellDone(`“${isolated(name)}” is now “${isolated(to)}”.`, () => client.move(folder, target, path))
}

/** Moves what is not there already. What could not be moved is told; the rest is moved all the same. */
export async function moveInto(folder: FolderId, paths: readonly string[], directory: string): Promise<void> {
  const done: { readonly from: string; readonly to: string }[] = []
  for (const move of movesInto(paths, directory)) {
    try {
      await client.move(folder, move.from, move.to)
      done.push(move)
    } catch (error) {
      tellFailure(`move ${isolated(nameOf(move.from))}`, error)
    }
  }
  const [first] = done
  if (first === undefined) return
  const where = directory === '' ? 'the top of the folder' : `“${isolated(directory)}”`
  tellDone(
    `${done.length === 1 ? `“${isolated(nameOf(first.from))}”` : `${count(done.length)} entries`} moved to ${where}.`,
    async () => {
      for (const { from, to } of done.toReversed()) await client.move(folder, to, from)
    },
  )
}

/** Asks first, with what will change; what is deleted can be brought back at once and later. */
export function removeAsked(folder: FolderId, rows: readonly Row[]): void {
  const tops = new Set(topmost(rows.map(({ path }) => path)))
  const gone = rows.filter(({ path }) => tops.has(path))
  const [first] = gone
  if (first === undefined) return
  const directories = gone.filter(({ kind }) => kind === 'directory').length
  const what = gone.length === 1 ? `“${isolated(first.name)}”` : `${count(gone.length)} entries`
  const inside =
    directories === 0
      ? ''
      : directories === 1
        ? ' The directory goes with everything in it.'
        : ` ${count(directories)} of them are directories, and go with everything in them.`
  modals.confirm({
    title: `Delete ${what}?`,
    text: `It goes from every node.${inside} History keeps it, and you can bring it back.`,
    action: gone.length === 1 ? 'Delete' : `Delete ${count(gone.length)}`,
    onConfirm: () => void remove(folder, gone).catch((error: unknown) => tellFailure(`delete ${what}`, error)),
  })
}

async function remove(folder: FolderId, rows: readonly Row[]): Promise<void> {
  let removed = 0
  for (let at = 0; at < rows.length; at += REMOVED_AT_ONCE) {
    const paths = rows.slice(at, at + REMOVED_AT_ONCE).map(({ path }) => path)
    removed += (await client.remove(folder, paths)).removed
  }
  const what =
    rows.length === 1 && rows[0] !== undefined ? `“${isolated(rows[0].name)}”` : `${count(rows.length)} entries`
  tellDone(
    removed > rows.length ? `${what} deleted, ${count(removed)} with all that was inside.` : `${what} deleted.`,
    () =>
      bringBack(
        folder,
        rows.map(({ id }) => id),
      ),
  )
}

/** Brings deleted entries back, directories with what fell with them. */
export async function bringBack(folder: FolderId, entries: readonly string[]): Promise<void> {
  for (const entry of entries) await client.restore(folder, { entry })
}

/** One file as it is; a directory, or several, as an archive. */
export function download(folder: FolderId, rows: readonly Row[]): void {
  const [only] = rows
  if (only === undefined) return
  const address =
    rows.length === 1 && only.kind !== 'directory'
      ? downloadAddress(folder, only.id)
      : archiveAddress(folder, topmost(rows.map(({ path }) => path)))
  if (address === null) {
    const error = new Error(
      'These are more names than an address can hold. Choose fewer, or the directory they are in.',
    )
    tellFailure(`download ${count(rows.length)} entries`, error)
    return
  }
  saveFrom(address)
}

/** The coordinator answers with an attachment: the page stays, and the browser saves. */
export function saveFrom(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
