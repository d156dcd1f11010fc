import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { S3Place } from '@causeway/store'
import type { Disk } from '../upkeep/reserve.ts'

/**
 * The disks of this machine that fill with what is stored, each once: none for what is in an object store or a
 * PostgreSQL.
 */
export async function ownDisks(
  {
    chunks,
    databaseUrl,
    databasePath,
  }: {
    readonly chunks: S3Place | undefined
    readonly databaseUrl: string | null
    readonly databasePath: string
  },
  packsPath: string,
): Promise<readonly Disk[]> {
  const paths = [...(databaseUrl === null ? [dirname(databasePath)] : []), ...(chunks === undefined ? [packsPath] : [])]
  const byDevice = new Map<number, string>()
  for (const path of paths) {
    const { dev } = await stat(path)
    if (!byDevice.has(dev)) byDevice.set(dev, path)
  }
  return [...byDevice.values()].map(diskAt)
}

/** The disk that a directory is on. */
function diskAt(path: string): Disk {
  return {
    path,
    async space() {
      const { bavail, blocks, bsize } = await statfs(path)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    },
  }
}
