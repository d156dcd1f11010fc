import { closeSync, constants, fsync as fsyncCallback, openSync } from 'node:fs'
import { promisify } from 'node:util'
import type { RelativePath } from '../files.ts'
import type { DiskContext } from './disk-context.ts'
import { diskError, ifPresent } from './disk-error.ts'
import { checkPath } from './relative-path.ts'
import { SYNC_ALL_FROM } from './staging.ts'

const fsyncAsync = promisify(fsyncCallback)

/** See `Files.syncDirectories`. A directory that is gone is skipped: its removal is durable with its parent. */
export async function syncDirectories(context: DiskContext, paths: readonly RelativePath[]): Promise<void> {
  const unique = new Set(paths)
  for (const path of unique) checkPath(path)
  const syncAll = unique.size >= SYNC_ALL_FROM ? context.native.syncFileSystem : undefined
  if (syncAll !== undefined) {
    await withDirectory(context, '', syncAll)
    return
  }
  for (const path of unique) await withDirectory(context, path, fsyncAsync)
}

async function withDirectory(
  context: DiskContext,
  path: RelativePath,
  sync: (fd: number) => Promise<void>,
): Promise<void> {
  const what = `cannot create the directory ${path === '' ? context.root.path : path} durable`
  const spot = context.directories.at(path)
  const fd = spot && ifPresent(what, () => openSync(spot.prefix, constants.O_RDONLY | constants.O_DIRECTORY))
  if (fd === undefined) return
  try {
    await sync(fd)
  } catch (cause) {
    throw diskError(what, cause)
  } finally {
    closeSync(fd)
  }
}
