import { accessSync, constants, lstatSync, readdirSync } from 'node:fs'
import type { ListedEntry, ListedProblem, RelativePath, Stat } from '../files.ts'
import { LIMITS } from '@causeway/protocol'
import type { DiskContext } from './disk-context.ts'
import { diskError, errnoOf, ifPresent } from './disk-error.ts'
import type { Spot } from './directories.ts'
import { toStat } from './disk-stat.ts'
import type { Looked } from './native.ts'
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
    const found = look(context, spot, name, what)
    if (found === undefined) continue
    if (typeof found === 'string') problems.push({ name, reason: found })
    else entries.push(found)
  }
  return { entries, problems }
}

function look(
  { native }: DiskContext,
  spot: Spot,
  name: string,
  what: string,
): ListedEntry | ListedProblem['reason'] | undefined {
  if (name.length * 3 > LIMITS.nameBytes && Buffer.byteLength(name) > LIMITS.nameBytes) return 'too-long'
  const looked = native.look?.(spot, name)
  if (looked === 'ENOENT') return undefined
  // What else it refuses, the usual call explains.
  const found = typeof looked === 'object' ? looked : lookAt(spot, name, what)
  if (found === undefined || found === 'unreadable') return found
  const { stat, owner } = found
  if (stat.kind === 'other') return 'unsupported-kind'
  return mayRead(stat, owner, spot, name) ? { name, stat } : 'unreadable'
}

function lookAt(spot: Spot, name: string, what: string): Looked | 'unreadable' | undefined {
  try {
    const raw = lstatSync(`${spot.prefix}/${name}`, { bigint: true, throwIfNoEntry: false })
    return raw === undefined ? undefined : { stat: toStat(raw), owner: Number(raw.uid) }
  } catch (cause) {
    if (errnoOf(cause) === 'EACCES') return 'unreadable'
    throw diskError(`${what}: ${name}`, cause)
  }
}

/** Judged by the owner's bits where that is enough, as a call for each file would cost as much as its stat. */
function mayRead(stat: Stat, owner: number, spot: Spot, name: string): boolean {
  if (stat.kind === 'symlink') return true
  const user = process.geteuid?.()
  if (user === undefined || user === 0) return true
  const isDirectory = stat.kind === 'directory'
  const wanted = isDirectory ? 0o500 : 0o400
  if (owner === user) return (stat.mode & wanted) === wanted
  try {
    accessSync(`${spot.prefix}/${name}`, isDirectory ? constants.R_OK | constants.X_OK : constants.R_OK)
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
