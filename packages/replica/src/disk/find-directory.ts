import { fstatSync, lstatSync } from 'node:fs'
import type { RelativePath } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import type { Spot } from './directories.ts'
import { listDirectory } from './list-directory.ts'

/** Where the directory with this inode is now; `likely` is looked at first, then the whole tree. */
export async function findDirectory(
  context: DiskContext,
  inode: bigint,
  likely?: RelativePath,
): Promise<RelativePath | undefined> {
  if (likely !== undefined && isAt(context, likely, inode)) return likely
  const left: RelativePath[] = ['']
  for (let directory = left.pop(); directory !== undefined; directory = left.pop()) {
    if (isAt(context, directory, inode)) return directory
    const listing = await listDirectory(context, directory).catch(() => undefined)
    for (const { name, stat } of listing?.entries ?? []) {
      if (stat.kind === 'directory') left.push(directory === '' ? name : `${directory}/${name}`)
    }
  }
  return undefined
}

export function inodeOf(directory: Spot): bigint {
  return directory.fd === -1
    ? lstatSync(directory.prefix, { bigint: true }).ino
    : fstatSync(directory.fd, { bigint: true }).ino
}

function isAt(context: DiskContext, path: RelativePath, inode: bigint): boolean {
  const spot = context.directories.at(path)
  return spot !== undefined && inodeOf(spot) === inode
}
