import { LIMITS } from '@causeway/protocol'
import type { Stat } from '../files.ts'

/** What the name of a displaced file says of it, as it was when it was displaced. */
export interface DisplacedFile {
  readonly inode: bigint
  readonly size: number
  readonly mtimeNs: bigint
  /** The inode of the directory it lay in. */
  readonly directory: bigint
  /** Its name there, shortened if it was very long. */
  readonly name: string
}

/** A name that says all that is needed to find out later whether the file was written to, and where it belongs. */
export function displacedName(
  number: string,
  { file, directory, name }: { readonly file: Stat; readonly directory: bigint; readonly name: string },
): string {
  const parts = [file.inode, BigInt(file.size), file.mtimeNs, directory].map((part) => part.toString(36))
  const head = `${[number, ...parts].join('_')}_`
  return head + shortened(name, LIMITS.nameBytes - head.length)
}

/** `undefined` for a name that no displaced file has. */
export function parseDisplacedName(text: string): DisplacedFile | undefined {
  const found = /^[0-9a-z]+_([0-9a-z]+)_([0-9a-z]+)_(-?[0-9a-z]+)_([0-9a-z]+)_(.+)$/su.exec(text)
  const [, inode, size, mtimeNs, directory, name] = found ?? []
  if (inode === undefined || size === undefined || mtimeNs === undefined) return undefined
  if (directory === undefined || name === undefined) return undefined
  return {
    inode: fromBase36(inode),
    size: Number(fromBase36(size)),
    mtimeNs: fromBase36(mtimeNs),
    directory: fromBase36(directory),
    name,
  }
}

function fromBase36(text: string): bigint {
  const isNegative = text.startsWith('-')
  let value = 0n
  for (const digit of isNegative ? text.slice(1) : text) value = value * 36n + BigInt(Number.parseInt(digit, 36))
  return isNegative ? -value : value
}

/** Keeps the end of a name that is too long, with its extension, and no half characters. */
function shortened(name: string, mostBytes: number): string {
  let rest = name
  while (Buffer.byteLength(rest) > mostBytes || !rest.isWellFormed()) rest = rest.slice(1)
  return rest
}
