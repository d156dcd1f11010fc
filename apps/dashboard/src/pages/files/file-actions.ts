import type { Everything, EverythingCount, FolderId } from '@causeway/protocol'
import { client } from '../../data/client.ts'
import { putOnClipboard } from '../../parts/clipboard.ts'
import { modals } from '../../parts/confirm.tsx'
import { count } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { archiveAddress, downloadAddress } from './addresses.ts'
import { countRows, deleteWords, type Counted } from './delete-words.ts'
import { bringBack, moveBack, moveEverything, removeEverything } from './everything.ts'
import { countMeant, nameMeant, onlyOne, type Meant } from './meant.ts'
import { joinPath, movesInto, nameOf, parentOf, topmost } from './paths.ts'
import type { Row } from './row.ts'
import { tell, tellDone, tellFailure } from './undo.tsx'

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
  tellDone(
    `${done.length === 1 ? `“${isolated(nameOf(first.from))}”` : `${count(done.length)} entries`} moved to ${placeWords(directory)}.`,
    async () => {
      for (const { from, to } of done.toReversed()) await client.move(folder, to, from)
    },
  )
}

function placeWords(directory: string): string {
  return directory === '' ? 'the top of the folder' : `“${isolated(directory)}”`
}

/** The same for whatever is meant. */
export async function moveMeant(folder: FolderId, meant: Meant, directory: string): Promise<void> {
  if (meant.kind === 'rows') {
    return moveInto(
      folder,
      meant.rows.map(({ path }) => path),
      directory,
    )
  }
  try {
    const { moved, taken } = await moveEverything(folder, meant.what, directory)
    const back = { from: directory, into: meant.what.directory }
    const stayed = taken === 0 ? '' : ` ${count(taken)} stayed: their names are taken there.`
    tellDone(`${count(moved.length)} entries moved to ${placeWords(directory)}.${stayed}`, () =>
      moveBack(folder, moved, back),
    )
  } catch (error) {
    tellFailure(`move ${nameMeant(meant)}`, error)
  }
}

/** Asks first, with what will change; what is deleted can be brought back at once and later. */
export async function removeAsked(folder: FolderId, meant: Meant): Promise<void> {
  if (countMeant(meant) === 0) return
  const what = nameMeant(meant)
  try {
    if (meant.kind === 'rows') {
      const rows = await Promise.all(topmostRows(meant.rows).map((row) => withSums(folder, row)))
      ask(countRows(rows), () => remove(folder, rows))
    } else {
      const counted = await client.countEverything(folder, meant.what)
      ask(counted, () => removeAll(meant.what, counted))
    }
  } catch (error) {
    tellFailure(`count ${what}`, error)
  }

  function ask(counted: Counted, work: () => Promise<void>): void {
    modals.confirm({
      title: `Delete ${what}?`,
      text: deleteWords(counted),
      action: onlyOne(meant) === undefined ? `Delete ${count(countMeant(meant))}` : 'Delete',
      onConfirm: () => void work().catch((error: unknown) => tellFailure(`delete ${what}`, error)),
    })
  }

  async function removeAll(everything: Everything, counted: EverythingCount): Promise<void> {
    const gone = await removeEverything(folder, everything, counted)
    tellDone(`${count(gone.length)} entries deleted.`, () => bringBack(folder, gone))
  }
}

/** Where it is not known what lies in a directory, that is asked for. */
async function withSums(folder: FolderId, row: Row): Promise<Row> {
  if (row.kind !== 'directory' || row.within !== null) return row
  return { ...row, within: (await client.browse(folder, row.path, { limit: 1 })).within }
}

function topmostRows(rows: readonly Row[]): readonly Row[] {
  const tops = new Set(topmost(rows.map(({ path }) => path)))
  return rows.filter(({ path }) => tops.has(path))
}

async function remove(folder: FolderId, rows: readonly Row[]): Promise<void> {
  let removed = 0
  for (let at = 0; at < rows.length; at += REMOVED_AT_ONCE) {
    const paths = rows.slice(at, at + REMOVED_AT_ONCE).map(({ path }) => path)
    removed += (await client.remove(folder, paths)).removed
  }
  const what = nameMeant({ kind: 'rows', rows })
  tellDone(
    removed > rows.length ? `${what} deleted, ${count(removed)} with everything in it.` : `${what} deleted.`,
    () =>
      bringBack(
        folder,
        rows.map(({ id }) => id),
      ),
  )
}

/** One file as it is; a directory, or several, as an archive. */
export function download(folder: FolderId, meant: Meant): void {
  const one = onlyOne(meant)
  const address =
    meant.kind === 'everything'
      ? archiveAddress(folder, [meant.what.directory], meant.what.except)
      : one !== undefined && one.kind !== 'directory'
        ? downloadAddress(folder, one.id)
        : archiveAddress(folder, topmost(meant.rows.map(({ path }) => path)))
  if (address !== null) return saveFrom(address)
  const error = new Error('Too many names for one address. Select fewer, or everything in the directory.')
  tellFailure(`download ${nameMeant(meant)}`, error)
}

/** Puts a text where the person can paste it; where the browser gives no way to that, it is shown. */
export async function copyText(text: string, what: string): Promise<void> {
  tell((await putOnClipboard(text)) ? `${what} copied.` : text)
}

/** The coordinator answers with an attachment: the page stays, and the browser saves. */
export function saveFrom(address: string): void {
  const link = document.createElement('a')
  link.href = address
  link.download = ''
  link.click()
}
