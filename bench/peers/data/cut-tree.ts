/** A tree as it is to be written: directories before what they hold. */
export type TreeStep =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly bytes: Uint8Array }

/**
 * The first files of a list, with the directories they lie in, so that files
 * and directories together are exactly `entries`; fewer where the list ends.
 * Where the next file would bring one directory too many, the last entries are
 * files that need none: a list without an end must go on having such files.
 */
export function cutTree(
  files: Iterable<{ readonly path: string; readonly bytes: Uint8Array }>,
  entries: number,
): readonly TreeStep[] {
  const steps: TreeStep[] = []
  const known = new Set<string>()
  for (const { path, bytes } of files) {
    if (steps.length >= entries) break
    const parents = parentsOf(path).filter((parent) => !known.has(parent))
    if (steps.length + parents.length + 1 > entries) continue
    for (const parent of parents) {
      known.add(parent)
      steps.push({ kind: 'directory', path: parent })
    }
    steps.push({ kind: 'file', path, bytes })
  }
  return steps
}

function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
