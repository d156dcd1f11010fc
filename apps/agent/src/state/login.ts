import { chmod, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { makeDirectories, readFileIfThere, replaceFile } from '@causeway/disk'
import { check, KeyPinSchema, SyncError } from '@causeway/protocol'

/** Where a person signed in on this machine, for commands. */
const LoginSchema = z.object({
  url: z.url().max(2048),
  token: z.string().min(1).max(300),
  /** The only TLS key that counts; without one, the certificate must be one that this machine trusts. */
  key: KeyPinSchema.optional(),
  name: z.string().max(256),
})
export type Login = z.infer<typeof LoginSchema>

/** Where the login is kept: `CAUSEWAY_LOGIN`, else in the user's place for settings. */
export function loginPath(env: NodeJS.ProcessEnv): string {
  const given = env['CAUSEWAY_LOGIN']
  if (given !== undefined && given !== '') return given
  const config = env['XDG_CONFIG_HOME']
  return join(config === undefined || config === '' ? join(homedir(), '.config') : config, 'causeway', 'login.json')
}

/** Keeps it for its owner alone (0600). */
export async function saveLogin(path: string, login: Login): Promise<void> {
  const directory = dirname(path)
  if (await makeDirectories(directory, 0o700)) await chmod(directory, 0o700)
  await replaceFile(path, `${JSON.stringify(login, null, 2)}\n`)
}

/** Undefined where nobody has signed in. */
export async function readLogin(path: string): Promise<Login | undefined> {
  const text = await readFileIfThere(path)
  if (text === undefined) return undefined
  try {
    return check(LoginSchema, JSON.parse(text))
  } catch (cause) {
    throw new SyncError('io-error', `${path} is damaged: remove it, and sign in again with "causeway login URL"`, {
      cause,
    })
  }
}

export async function forgetLogin(path: string): Promise<void> {
  await rm(path, { force: true })
}
