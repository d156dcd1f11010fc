/**
 * A tree as a person and their programs change it, behind the back of
 * `Files`. Parents are made where they are missing. Throws on what makes no
 * sense (writing to a directory, moving what is not there).
 */
export interface UserSide {
  /** Writes in place: an existing file stays the same inode. */
  write(path: string, content: string | Uint8Array): void
  append(path: string, content: string | Uint8Array): void
  /** Overwrites like POSIX does. */
  rename(from: string, to: string): void
  /** Removes whatever is there, with all below. */
  remove(path: string): void
  mkdir(path: string): void
  symlink(path: string, target: string): void
  /** Something that can't be synced: a FIFO. */
  makeFifo(path: string): void
  chmod(path: string, mode: number): void
  setMtime(path: string, mtimeNs: bigint): void
  /** A file's bytes; `undefined` if there is no file. No symlink is followed at the end of the path. */
  read(path: string): Uint8Array | undefined
  /** Where a symlink leads; `undefined` if there is none. */
  linkTarget(path: string): string | undefined
  /** The names in a directory, sorted; with the marker directory left out at the root. */
  names(path: string): readonly string[]
  /** A handle that keeps writing to the file it opened, whatever becomes of its name. */
  openForWriting(path: string): { append(content: string | Uint8Array): void; close(): void }
}

export function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content
}
