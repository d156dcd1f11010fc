import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** What lies at one path. Directories have no mtime here: it changes whenever a child does, and is not synced. */
export type TreeEntry =
  | {
      readonly kind: 'file'
      readonly sha256: string
      readonly size: number
      readonly mode: string
      readonly mtimeNs: bigint
    }
  | { readonly kind: 'directory'; readonly mode: string }
  | { readonly kind: 'symlink'; readonly target: string }

export type Tree = ReadonlyMap<string, TreeEntry>

/** The product's own directory at a root: not part of what is synced. */
export const MARKER = '.causeway'

/** Every entry below a directory, by path. Throws if the tree changes while it is read: call it again then. */
export async function treeOf(root: string): Promise<Tree> {
  const tree = new Map<string, TreeEntry>()
  for await (const path of pathsBelow(root)) tree.set(path, await entryAt(join(root, path)))
  return tree
}

/**
 * A tree as a test writes it: a file is its text (or `sha256:…` where it is
 * long or binary), a directory is `/`, a symlink is `-> target`. Directories
 * that hold something are left out: their children tell of them.
 */
export async function viewOf(root: string, below = ''): Promise<Record<string, string>> {
  const base = join(root, below)
  // A map: a file may be called __proto__.
  const view = new Map<string, string>()
  const filled = new Set<string>()
  for await (const path of pathsBelow(base)) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) filled.add(path.slice(0, cut))
    view.set(path, await textOf(join(base, path)))
  }
  return Object.fromEntries([...view].filter(([path]) => !filled.has(path)))
}

/** Throws with the differing paths unless all trees are the same to the byte, the mode and the nanosecond. */
export function expectSameTrees(trees: Readonly<Record<string, Tree>>): void {
  const [first, ...others] = Object.entries(trees)
  if (first === undefined) return
  for (const other of others) {
    const differences = differencesOf(first, other)
    if (differences.length > 0) {
      const shown = differences.slice(0, 20).join('\n  ')
      throw new Error(`${first[0]} and ${other[0]} differ in ${differences.length} paths:\n  ${shown}`)
    }
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function* pathsBelow(root: string, prefix = ''): AsyncGenerator<string> {
  const names = (await readdir(join(root, prefix), { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const { name, isDirectory } of names.map((one) => ({ name: one.name, isDirectory: one.isDirectory() }))) {
    if (prefix === '' && name === MARKER) continue
    const path = prefix === '' ? name : `${prefix}/${name}`
    yield path
    if (isDirectory) yield* pathsBelow(root, path)
  }
}

async function entryAt(path: string): Promise<TreeEntry> {
  const stat = await lstat(path, { bigint: true })
  const mode = (Number(stat.mode) & 0o777).toString(8)
  if (stat.isSymbolicLink()) return { kind: 'symlink', target: await readlink(path) }
  if (stat.isDirectory()) return { kind: 'directory', mode }
  return { kind: 'file', sha256: await sha256Of(path), size: Number(stat.size), mode, mtimeNs: stat.mtimeNs }
}

async function textOf(path: string): Promise<string> {
  const stat = await lstat(path)
  if (stat.isSymbolicLink()) return `-> ${await readlink(path)}`
  if (stat.isDirectory()) return '/'
  if (stat.size > 200) return `sha256:${await sha256Of(path)}`
  return readFile(path, 'utf8')
}

function differencesOf([leftName, left]: [string, Tree], [rightName, right]: [string, Tree]): string[] {
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort()
  return paths.flatMap((path) => {
    const [a, b] = [shown(left.get(path)), shown(right.get(path))]
    return a === b ? [] : [`${JSON.stringify(path)}: ${leftName} has ${a}, ${rightName} has ${b}`]
  })
}

function shown(entry: TreeEntry | undefined): string {
  if (entry === undefined) return 'nothing'
  if (entry.kind === 'symlink') return `a symlink to ${JSON.stringify(entry.target)}`
  if (entry.kind === 'directory') return `a directory (${entry.mode})`
  return `a file ${entry.sha256.slice(0, 12)} of ${entry.size} bytes (${entry.mode}, ${entry.mtimeNs})`
}
