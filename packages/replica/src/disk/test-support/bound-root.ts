import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSyncError, type ErrorCode, type FolderId } from '@causeway/protocol'
import { afterEach, beforeEach } from 'vitest'
import type { StagedFile, Stat } from '../../files.ts'
import { openDiskFiles, type DiskFiles, type DiskFilesOptions } from '../disk-files.ts'
import { bindRoot } from '../root-marker.ts'

export const FOLDER = 'documents' as FolderId
export const MTIME_NS = 1_700_000_000_123_456_789n
export const LINUX = process.platform === 'linux'

/** A directory of the running test, removed after it. */
export let base: string
/** The root in it, bound to `FOLDER`. */
export let root: string
export let nonce: string

/** Gives every test of the file a root of its own. */
export function useBoundRoot(): void {
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'causeway-files-'))
    root = join(base, 'root')
    nonce = bindRoot(root, FOLDER)
  })
  afterEach(() => rmSync(base, { recursive: true, force: true }))
}

export function open(options: Partial<DiskFilesOptions> = {}): Promise<DiskFiles> {
  // How full the disk of the tests is must not matter.
  return openDiskFiles({ root, folder: FOLDER, markerNonce: nonce, basesLeaveFree: 0, ...options })
}

export async function staged(files: DiskFiles, content: string, mode = 0o644): Promise<StagedFile> {
  const file = await files.stage(content.length)
  await file.write(Buffer.from(content))
  const done = await file.finish({ mode, mtimeNs: MTIME_NS })
  await files.syncStaged([done])
  return done
}

export async function statOf(files: DiskFiles, path: string): Promise<Stat> {
  const stat = await files.stat(path)
  if (stat === undefined) throw new Error(`nothing at ${path}`)
  return stat
}

export function withCode(code: ErrorCode): (error: unknown) => boolean {
  return (error) => isSyncError(error, code)
}
