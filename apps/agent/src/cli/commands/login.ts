import { hostname } from 'node:os'
import { Option, type Command } from 'commander'
import { KeyPinSchema, SyncError, type KeyPin, type TokenScope } from '@causeway/protocol'
import { forgetLogin, loginPath, readLogin, saveLogin, type Login } from '../../state/login.ts'
import { clientOf, pinnedFetch } from '../as-admin.ts'
import { ask, askHidden, canAsk, pipedLines } from '../ask.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parsePositive } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface LoginOptions {
  readonly name?: string
  readonly token?: boolean
  readonly scope: TokenScope
  readonly days: number
  readonly key?: string
}

export function addLoginCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('login')
    .description('sign in to a coordinator as a person, for "causeway api" and scripts')
    .argument('<url>', 'where the coordinator is, like https://files.example.org')
    .option('--key <key>', 'the TLS key of a coordinator with a self-made certificate, as its join links carry it')
    .option('--name <name>', 'your name there (default: you are asked for it)')
    .option('--token', 'read a token from stdin, instead of asking for a password')
    .addOption(
      new Option('--scope <scope>', 'what commands may do with it')
        .choices(['read', 'write', 'admin'])
        .default('admin'),
    )
    .option('--days <count>', 'how many days it is valid', parsePositive, 90)
    .action((url: string, options: LoginOptions) => run(() => login(terminal, url, options)))
  program
    .command('logout')
    .description('sign out: remove the token here and at the coordinator')
    .action(() => run(() => logout(terminal)))
}

async function login(terminal: Terminal, given: string, options: LoginOptions): Promise<ExitCode> {
  const url = originOf(given)
  const key = options.key === undefined ? undefined : keyOf(options.key)
  const place = { url, ...(key !== undefined && { key }) }
  const token = options.token === true ? await pipedToken(terminal) : await tokenByPassword(terminal, place, options)
  const { createClient } = await import('@causeway/client')
  // Nothing is kept that is good for nothing.
  const { person } = await createClient(await clientOf({ ...place, token })).session()
  const path = loginPath(terminal.env)
  await saveLogin(path, { ...place, token, name: person.name })
  terminal.print(`Signed in to ${url} as ${person.name}. The token is in ${path}, which only you can read.`)
  return EXIT.ok
}

async function logout(terminal: Terminal): Promise<ExitCode> {
  const path = loginPath(terminal.env)
  const known = await readLogin(path)
  if (known === undefined) {
    terminal.print('You are not signed in.')
    return EXIT.ok
  }
  const { createClient } = await import('@causeway/client')
  // The admin token, and a session's, cannot be removed by this; a token that has ended need not be.
  const failure = await createClient(await clientOf(known))
    .removeOwnToken()
    .then(
      () => undefined,
      (error: unknown) => error,
    )
  await forgetLogin(path)
  const isOffline = failure instanceof SyncError && failure.code === 'offline'
  if (isOffline) terminal.warn(`${known.url} could not be reached: remove the token there, under My account.`)
  terminal.print(`Signed out of ${known.url}.`)
  return isOffline ? EXIT.failed : EXIT.ok
}

async function pipedToken(terminal: Terminal): Promise<string> {
  if (canAsk(terminal)) return askHidden(terminal, 'Token (nothing is shown while you type):')
  const [token = ''] = await pipedLines(terminal)
  if (token.trim() === '') throw new SyncError('bad-request', '--token reads the token from stdin, and there was none')
  return token.trim()
}

/** Signs in for as long as it takes to make a token of one's own: the password is kept nowhere. */
async function tokenByPassword(
  terminal: Terminal,
  place: Pick<Login, 'url' | 'key'>,
  { name, scope, days }: LoginOptions,
): Promise<string> {
  const given = await nameAndPassword(terminal, name)
  const { createClient } = await import('@causeway/client')
  const client = createClient({ url: place.url, fetch: keepingCookies((await pinnedFetch(place)) ?? fetch) })
  await client.signInAs(given.name, given.password)
  const { token } = await client.makeToken({ name: `causeway on ${hostname()}`.slice(0, 100), scope, days })
  await client.signOut()
  return token
}

async function nameAndPassword(terminal: Terminal, name?: string): Promise<{ name: string; password: string }> {
  if (canAsk(terminal)) {
    const asked = name ?? (await ask(terminal, 'Name:'))
    return { name: asked, password: await askHidden(terminal, 'Password (nothing is shown while you type):') }
  }
  const lines = await pipedLines(terminal)
  const [first = '', second = ''] = name === undefined ? lines : [name, ...lines]
  if (first === '' || second === '')
    throw new SyncError('bad-request', 'stdin is not a terminal: give --name NAME, and the password as a line on stdin')
  return { name: first, password: second }
}

/** What a browser does with the cookie of a session. */
function keepingCookies(send: typeof fetch): typeof fetch {
  let cookie = ''
  return async (input, init) => {
    const headers = new Headers(init?.headers)
    if (cookie !== '') headers.set('cookie', cookie)
    const response = await send(input, { ...init, headers })
    cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
    return response
  }
}

function keyOf(text: string): KeyPin {
  const key = KeyPinSchema.safeParse(text)
  if (key.success) return key.data
  throw new SyncError('bad-request', `${text} is no TLS key: it has 43 letters, as behind "key=" in a join link`)
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol))
    throw new SyncError(
      'bad-request',
      `${text} is not the address of a coordinator, which looks like https://files.example.org`,
    )
  return url.origin
}
