import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { check, SyncError } from '@causeway/protocol'
import { newSecret } from './access/secrets.ts'

const IdentitySchema = z.object({
  id: z.string().min(1).max(64),
  format: z.literal(1),
  /** Signs log positions. Directories from before that have none. */
  logKey: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
})

/** What a coordinator keeps in its data directory beside the stores. */
export interface DataDirectory {
  readonly path: string
  /** The coordinator's id, made at the first start. */
  readonly id: string
  /** Signs log positions; absent until `keepLogKey`. */
  readonly logKey: string | undefined
  keepLogKey(key: string): Promise<void>
  /** Signs people in; in the file `admin.token`. */
  readonly adminToken: string
  readonly packsPath: string
  /** Tells commands on this machine where the running coordinator is. */
  publishUrl(url: string): Promise<void>
  withdrawUrl(): Promise<void>
}

/** Opens a data directory, making what is not there. Files with secrets are for their owner alone. */
export async function openDataDirectory(path: string): Promise<DataDirectory> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const identityPath = join(path, 'coordinator.json')
  const text = await readOrMake(identityPath, () => `${JSON.stringify({ id: randomUUID(), format: 1 }, null, 2)}\n`)
  const identity = check(IdentitySchema, parse(text, identityPath))
  const { id, logKey } = identity
  const adminToken = (await readOrMake(join(path, 'admin.token'), () => `${newSecret()}\n`)).trim()
  if (adminToken.length < 20)
    throw new SyncError('io-error', `${path}/admin.token is damaged: remove it to have a new one made`)
  const urlPath = join(path, 'coordinator.url')
  return {
    path,
    id,
    logKey,
    keepLogKey: (key) => writeWhole(identityPath, `${JSON.stringify({ ...identity, logKey: key }, null, 2)}\n`),
    adminToken,
    packsPath: join(path, 'packs'),
    publishUrl: (url) => writeWhole(urlPath, `${url}\n`),
    withdrawUrl: () => rm(urlPath, { force: true }),
  }
}

async function readOrMake(path: string, make: () => string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  const text = make()
  await writeWhole(path, text)
  return text
}

/** Whole or not at all, also after power loss. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.new`
  const file = await open(draft, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SyncError('io-error', `${path} is damaged: it is not JSON`, { cause })
  }
}
