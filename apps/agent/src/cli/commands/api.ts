import type { Command } from 'commander'
import { SyncError } from '@causeway/protocol'
import { loginPath, readLogin } from '../../state/login.ts'
import { clientOf } from '../as-admin.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

export function addApiCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('api')
    .description(
      'call the coordinator you are signed in to and print its answer as JSON: everything the dashboard can do',
    )
    .argument('<method>', 'GET, POST, PUT, PATCH or DELETE')
    .argument('<path>', 'like /api/v1/people (the coordinator describes them at /docs)')
    .option('--body <json>', 'the JSON to send')
    .action((method: string, path: string, { body }: { body?: string }) => run(() => call({ method, path, body })))

  async function call({
    method,
    path,
    body,
  }: {
    method: string
    path: string
    body?: string | undefined
  }): Promise<ExitCode> {
    const verb = method.toUpperCase()
    if (!METHODS.includes(verb)) throw new SyncError('bad-request', `${method} is none of ${METHODS.join(', ')}`)
    // An address of another host would be sent the token.
    if (!/^\/(?!\/)/.test(path)) throw new SyncError('bad-request', `${path} does not begin with a slash`)
    const login = await readLogin(loginPath(terminal.env))
    if (login === undefined) throw new SyncError('not-allowed', 'you are not signed in: run "causeway login URL" first')
    const { createClient } = await import('@causeway/client')
    terminal.printJson(
      await createClient(await clientOf(login)).call(verb, path, body === undefined ? undefined : parsed(body)),
    )
    return EXIT.ok
  }
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new SyncError('bad-request', `--body is not JSON: ${body}`, { cause })
  }
}
