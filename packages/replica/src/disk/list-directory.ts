import { accessSync, constants, lstatSync, readdirSync, type BigIntStats } from 'node:fs'
import type { ListedEntry, ListedProblem, RelativePath } from '../files.ts'
import { LIMITS } from '@causeway/protocol'
import type { DiskContext } from './disk-context.ts'
import { attempt, errnoOf, ifPresent } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { toStat } from './disk-stat.ts'
import { checkPath, MARKER_DIRECTORY } from './relative-path.ts'

export interface Listing {
  readonly entries: readonly ListedEntry[]
  readonly problems: readonly ListedProblem[]
}

const ENTRIES_A_TURN = 256

/** See `Files.list`. What this user may not read is a problem, not an entry. */
export async function listDirectory(context: DiskContext, path: RelativePath): Promise<Listing | undefined> {
  checkPath(path)
  await context.breathe()
  const first = context.directories.at(path)
  if (first === undefined) return undefined
  const what = `cannot list ${path === '' ? context.root.path : path}`
  const names = ifPresent(what, () => readNames(first))
  if (names === undefined) return undefined

  const entries: ListedEntry[] = []
  const problems: ListedProblem[] = names.unreadable.map((name) => ({ name, reason: 'not-unicode' }))
  let spot: Spot = first
  for (const [index, name] of names.readable.entries()) {
    if (index % ENTRIES_A_TURN === ENTRIES_A_TURN - 1) {
      const turn = context.breathe()
      if (turn !== undefined) {
        await turn
        const again = context.directories.at(path)
        if (again === undefined) return undefined
        spot = again
      }
    }
    if (path === '' && name === MARKER_DIRECTORY) continue
    const found = look(spot, name, what)
    if (found === undefined) continue
    if (typeof found === 'string') problems.push({ name, reason: found })
    else entries.push(found)
  }
  return { entries, problems }
}

function look(spot: Spot, name: string, what: string): ListedEntry | ListedProblem['reason'] | undefined {
  if (name.length * 3 > LIMITS.nameBytes && Buffer.byteLength(name) > LIMITS.nameBytes) return 'too-long'
  let raw: BigIntStats | undefined
  try {
    raw = lstatSync(`${spot.prefix}/${name}`, { bigint: true, throwIfNoEntry: false })
  } catch (cause) {
    if (errnoOf(cause) === 'EACCES') return 'unreadable'
    return attempt(`${what}: ${name}`, () => {
      throw cause
    })
  }
  if (raw === undefined) return undefined
  const stat = toStat(raw)
  if (stat.kind === 'other') return 'unsupported-kind'
  return mayRead(raw, spot, name) ? { name, stat } : 'unreadable'
}

/** Judged by the owner's bits where that is enough, as a call for each file would cost as much as its stat. */
function mayRead(raw: BigIntStats, spot: Spot, name: string): boolean {
  const user = process.geteuid?.()
  if (user === undefined || user === 0 || raw.isSymbolicLink()) return true
  const wanted = raw.isDirectory() ? 0o500n : 0o400n
  if (Number(raw.uid) === user) return (raw.mode & wanted) === wanted
  try {
    accessSync(`${spot.prefix}/${name}`, raw.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK)
    return true
  } catch {
    return false
  }
}

function readNames(spot: Spot): { readable: readonly string[]; unreadable: readonly string[] } {
  const names = readdirSync(spot.prefix)
  // Bytes that are no UTF-8 come as this character; so does the character itself, which is valid.
  if (!names.some((name) => name.includes('\uFFFD'))) return { readable: names, unreadable: [] }
  const readable: string[] = []
  const unreadable: string[] = []
  for (const bytes of readdirSync(spot.prefix, { encoding: 'buffer' })) {
    const name = bytes.toString()
    if (Buffer.from(name).equals(bytes)) readable.push(name)
    else unreadable.push(name)
  }
  return { readable, unreadable }
}
