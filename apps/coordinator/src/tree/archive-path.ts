/**
 * A path as an archive may hold it: whoever unpacks it, on whatever system,
 * finds it below the directory that it is unpacked into. On Windows a
 * backslash parts names, a colon names a drive or a stream, and dots and
 * spaces at a name's end are nothing, so that "... " can mean "..".
 */
export function archivePath(path: string): string {
  return path.split('/').map(safeName).join('/')
}

function safeName(name: string): string {
  const plain = name.replace(/[\\:\p{Cc}]/gu, '_')
  return /^[. ]*$/.test(plain) ? `_${plain.replace(/[. ]/g, '_')}` : plain
}

/** Hands out each path once: names that came to be the same are numbered. */
export function createArchivePaths(): (path: string, isDirectory: boolean) => string {
  const taken = new Set<string>()
  return (path, isDirectory) => {
    const plain = archivePath(path)
    // Two directories may become one: what is in them is told apart below.
    if (isDirectory) {
      taken.add(plain)
      return plain
    }
    let free = plain
    for (let copy = 2; taken.has(free); copy++) free = numbered(plain, copy)
    taken.add(free)
    return free
  }
}

function numbered(path: string, copy: number): string {
  const slash = path.lastIndexOf('/')
  const dot = path.lastIndexOf('.')
  const end = dot > slash + 1 ? dot : path.length
  return `${path.slice(0, end)} (${copy})${path.slice(end)}`
}
