import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expectSameTrees, MARKER, sha256Of, treeOf, type Tree } from '../support/tree.ts'
import type { Scenario } from './scenarios.ts'

export interface Trees {
  readonly before: Tree
  readonly after: Tree
}

/** What is wrong with a node's directory in the moment of its death, while changes from elsewhere were brought to it. */
export async function faultsAtDeath(
  scenario: Scenario,
  { before, after }: Trees,
  { root, below }: { root: string; below: string },
): Promise<string[]> {
  const found = await treeOf(join(root, below))
  const everywhere = await contentsBelow(root)
  return [
    ...strangeContents(scenario, { before, after }, found),
    ...(scenario.trades === true ? [] : gaps({ before, after }, found)),
    ...lostContents({ before, after }, everywhere),
  ]
}

/** Throws unless the trees are the same. */
export function expectTree(what: string, found: Tree, expected: Tree): void {
  expectSameTrees({ [what]: found, 'what it should hold': expected })
}

/** What lies in the staging area of a node, by name. */
export async function stagedNames(root: string): Promise<string[]> {
  return readdir(join(root, MARKER, 'staging'))
}

/** No path ever holds bytes that are neither its old nor its new content. */
function strangeContents({ between = {} }: Scenario, { before, after }: Trees, found: Tree): string[] {
  return [...found].flatMap(([path, entry]) => {
    if (entry.kind !== 'file') return []
    const source = between[path]
    const known = [before.get(path), after.get(path), source === undefined ? undefined : before.get(source)]
    const isKnown = known.some((one) => one?.kind === 'file' && one.sha256 === entry.sha256)
    // A step aside has a name of its own, and is gone once all is in step: that is looked at then.
    const isNamed = before.has(path) || after.has(path)
    return isKnown || !isNamed
      ? []
      : [`at death ${path} held ${entry.size} bytes that are neither its old nor its new content`]
  })
}

/** A file that is there before and after is there all the time. */
function gaps({ before, after }: Trees, found: Tree): string[] {
  return [...before].flatMap(([path, entry]) => {
    const stays = entry.kind === 'file' && after.get(path)?.kind === 'file'
    return stays && !found.has(path) ? [`at death ${path} was not there, though it was there before and is to be`] : []
  })
}

/** What is to stay lies somewhere in the root all the time, under whatever name. */
function lostContents({ before, after }: Trees, everywhere: ReadonlySet<string>): string[] {
  const kept = new Set([...after.values()].map((entry) => (entry.kind === 'file' ? entry.sha256 : '')))
  return [...before].flatMap(([path, entry]) =>
    entry.kind === 'file' && kept.has(entry.sha256) && !everywhere.has(entry.sha256)
      ? [`at death the content of ${path}, which was to stay, was nowhere in the directory`]
      : [],
  )
}

async function contentsBelow(root: string): Promise<Set<string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return new Set(await Promise.all(files.map(({ parentPath, name }) => sha256Of(join(parentPath, name)))))
}
