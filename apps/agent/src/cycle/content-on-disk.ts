import { createHash } from 'node:crypto'
import { isContentHash, type Content } from '@causeway/protocol'
import { isSame, type RelativePath, type Stat } from '@causeway/replica'
import type { CycleContext } from './cycle-context.ts'

const READ_BYTES = 1024 * 1024

/** What an entry holds, read only to know it; `undefined` if it is changing or gone. */
export async function contentOnDisk(
  { files }: Pick<CycleContext, 'files'>,
  path: RelativePath,
  seen: Stat,
): Promise<Content | undefined> {
  if (seen.kind === 'directory') return { kind: 'directory', mode: seen.mode }
  if (seen.kind === 'symlink') {
    const target = await files.readLink(path)
    return target === undefined ? undefined : { kind: 'symlink', target }
  }
  const file = await files.open(path)
  if (file === undefined) return undefined
  try {
    const whole = createHash('sha256')
    for (let at = 0; at < seen.size; at += READ_BYTES) whole.update(await file.read(at, READ_BYTES))
    const hash = whole.digest('hex')
    if (!isContentHash(hash) || !isSame(file.stat, seen) || !(await file.isUnchanged())) return undefined
    return { kind: 'file', hash, size: seen.size, mode: seen.mode, mtimeNs: seen.mtimeNs.toString() }
  } finally {
    await file.close()
  }
}
