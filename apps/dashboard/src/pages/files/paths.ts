/** The directory that a path is in; empty for what is at the top. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}

/** Whether a path is a directory or lies somewhere below it. Everything lies below the top. */
export function isWithin(path: string, directory: string): boolean {
  return directory === '' || path === directory || path.startsWith(`${directory}/`)
}

export interface Crumb {
  readonly name: string
  readonly path: string
}

/** The directories on the way to a path, the outermost first. */
export function crumbsOf(path: string): readonly Crumb[] {
  if (path === '') return []
  const names = path.split('/')
  return names.map((name, at) => ({ name, path: names.slice(0, at + 1).join('/') }))
}

/** Leaves out what lies below another of the same paths: it goes with that one. */
export function topmost(paths: readonly string[]): readonly string[] {
  const all = new Set(paths)
  return paths.filter((path) => !crumbsOf(parentOf(path)).some((above) => all.has(above.path)))
}

/** Where each path goes when all are moved into a directory; what is there already stays out. */
export function movesInto(
  paths: readonly string[],
  directory: string,
): readonly { readonly from: string; readonly to: string }[] {
  return topmost(paths)
    .filter((from) => !isWithin(directory === '' ? '/' : directory, from))
    .map((from) => ({ from, to: joinPath(directory, nameOf(from)) }))
    .filter(({ from, to }) => from !== to)
}
