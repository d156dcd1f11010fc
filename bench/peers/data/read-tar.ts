const BLOCK = 512

export interface TarFile {
  /** Below `package/`, `/`-separated. */
  readonly path: string
  readonly bytes: Buffer
}

/** The plain files in an uncompressed tar of npm's, in the order of their paths. Long names are read in the forms npm writes. */
export function readTar(tar: Buffer): readonly TarFile[] {
  const files: TarFile[] = []
  let longName: string | undefined
  for (let at = 0; at + BLOCK <= tar.length;) {
    const header = tar.subarray(at, at + BLOCK)
    if (header[0] === 0) break
    const size = Number.parseInt(text(header, 124, 12), 8) || 0
    const body = tar.subarray(at + BLOCK, at + BLOCK + size)
    const kind = String.fromCharCode(header[156] ?? 0)
    if (kind === 'x') longName = /\d+ path=([^\n]+)\n/.exec(body.toString())?.[1]
    else if (kind === '0' || kind === '\0') {
      const prefix = text(header, 345, 155)
      const name = longName ?? (prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`)
      files.push({ path: name.slice(name.indexOf('/') + 1), bytes: body })
      longName = undefined
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function text(header: Buffer, from: number, length: number): string {
  const field = header.subarray(from, from + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end === -1 ? length : end).trim()
}
