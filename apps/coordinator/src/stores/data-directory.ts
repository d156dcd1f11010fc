import { chmod, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { makeDirectories, readFileIfThere, replaceFile } from '@causeway/disk'
import { check, SyncError, type KeyPin } from '@causeway/protocol'
import { newSecret } from '../access/secrets.ts'

const IdentitySchema = z.object({
  id: z.string().min(1).max(64),
  format: z.literal(1),
  /** Signs log positions. Directories from before that have none. */
  logKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
})

type Identity = z.infer<typeof IdentitySchema>

/** What a coordinator keeps in its data directory beside the stores. */
export interface DataDirectory {
  readonly path: string
  /** The coordinator's id, once it was kept here. */
  readonly id: string | null
  /** Signs log positions; absent until `keepLogKey`. */
  readonly logKey: string | undefined
  /** To be called once there is an id. */
  keepLogKey(key: string): Promise<void>
  /** Signs people in; in the file `admin.token`. */
  readonly adminToken: string
  readonly packsPath: string
  keepId(id: string): Promise<void>
  /** True if other users of this machine could open the directory until now. */
  readonly wasOpen: boolean
  /** Tells commands on this machine where the running coordinator is, and which TLS keys it may show. */
  publishUrl(url: string, pins: readonly KeyPin[]): Promise<void>
  withdrawUrl(): Promise<void>
}

/**
 * Opens a data directory, making what is not there. Directory and secrets are
 * for their owner alone: one that was open to others is closed to them.
 * Throws `not-allowed` where that can't be done, or would close what may not
 * be ours.
 */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await makeDirectories(path, 0o700)
  const wasOpen = await closeToOthers(path)
  const identityPath = join(path, 'coordinator.json')
  const text = await readFileIfThere(identityPath)
  let identity = text === undefined ? null : check(IdentitySchema, parse(text, identityPath))
  const keep = async (next: Identity): Promise<void> => {
    await replaceFile(identityPath, `${JSON.stringify(next, null, 2)}\n`)
    identity = next
  }
  const adminToken = (await readOrMake(join(path, 'admin.token'), () => `${newSecret()}\n`)).trim()
  if (adminToken.length < 20)
    throw new SyncError('io-error', `${path}/admin.token is damaged: move it away and a new one is created`)
  await closeToOthers(join(path, 'admin.token'))
  const urlPath = join(path, 'coordinator.url')
  return {
    path,
    id: identity?.id ?? null,
    logKey: identity?.logKey,
    async keepLogKey(key) {
      if (identity === null) throw new SyncError('internal', 'a key is kept before there is an id')
      await keep({ ...identity, logKey: key })
    },
    adminToken,
    packsPath: join(path, 'packs'),
    keepId: (kept) => keep({ ...identity, id: kept, format: 1 }),
    wasOpen,
    publishUrl: (url, pins) => replaceFile(urlPath, [url, ...pins, ''].join('\n')),
    withdrawUrl: () => rm(urlPath, { force: true }),
  }
}

const OTHERS = 0o077

/** Returns whether it was open. */
async function closeToOthers(path: string): Promise<boolean> {
  const found = await stat(path)
  if ((found.mode & OTHERS) === 0) return false
  if (found.isDirectory() && !(await isOurs(path))) {
    throw new SyncError(
      'not-allowed',
      `${path} holds other files and is accessible to other users of this machine: name an empty directory, or restrict access with chmod 700`,
    )
  }
  await chmod(path, found.mode & ~OTHERS & 0o7777).catch((cause: unknown) => {
    throw stillOpen(path, cause)
  })
  if (((await stat(path)).mode & OTHERS) !== 0) throw stillOpen(path)
  return true
}

/** A directory that is empty, or was a coordinator's before, if only until it had made its first secret. */
async function isOurs(path: string): Promise<boolean> {
  const names = await readdir(path)
  return names.length === 0 || names.includes('coordinator.json') || names.includes('admin.token')
}

function stillOpen(path: string, cause?: unknown): SyncError {
  return new SyncError(
    'not-allowed',
    `${path} can be opened by other users of this machine and cannot be closed to them: keep the data in a directory of this user's, on a file system that knows permissions`,
    { cause },
  )
}

async function readOrMake(path: string, make: () => string): Promise<string> {
  const known = await readFileIfThere(path)
  if (known !== undefined) return known
  const text = make()
  await replaceFile(path, text)
  return text
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyncError('io-error', `${path} is damaged: it is not JSON`, { cause })
  }
}
