import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import { isSyncError, parseJoinLink, SyncError, systemError } from '@causeway/protocol'
import { stateRoot } from '../../state/locations.ts'
import { ACCEPT_INTO_OPTION, BASE_CACHE_OPTION, parseBytes, parsePort, STATE_OPTION } from '../options.ts'
import { acceptIntoFrom } from '../accept-into.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface JoinOptions {
  readonly linkFile?: string
  readonly folder?: string
  readonly name?: string
  readonly state?: string
  readonly port?: number
  readonly once?: boolean
  readonly baseCache?: number
  readonly acceptInto?: string
}

const LINK_VARIABLE = 'CAUSEWAY_JOIN_LINK'

const LINK_HELP = `

Everyone on this machine can read a process's arguments. To keep the link private:
  ${LINK_VARIABLE}=<link> causeway join <dir>
  causeway join --link-file <file> <dir>
  causeway join --link-file - <dir>       (and the link on stdin)`

export function addJoinCommand(program: Command, terminal: Terminal, run: Run): void {
  const command = program
    .command('join')
    .description('enrol this machine with a join link and keep DIR in sync with the folder')
    .usage('[options] [link] <dir>')
    .argument(
      '<link-and-dir...>',
      'the directory to sync (it may hold files already: both sides are merged, nothing is lost), and before it, ' +
        'unless it is given in another way, the join link that "causeway invite" printed',
    )
    .option('--link-file <file>', 'a file that holds the join link; - reads it from stdin')
    .option('--folder <name>', 'the folder that the link must be for')
    .option('--name <name>', "this node's name (default: the machine's)")
    .option(...STATE_OPTION)
    .option('--port <port>', 'the port this node reports', parsePort)
    .option('--once', 'sync in both directions, then exit')
    .option(...BASE_CACHE_OPTION, parseBytes)
    .option(...ACCEPT_INTO_OPTION)
    .addHelpText('after', LINK_HELP)
    .action((given: string[], options: JoinOptions) => {
      const [first = '', second, ...more] = given
      const hasLink =
        second !== undefined || options.linkFile !== undefined || terminal.env[LINK_VARIABLE] !== undefined
      if (!hasLink) command.error(`error: no join link: give it before the directory, or as shown below${LINK_HELP}`)
      if (more.length > 0) command.error('error: too many arguments: expected a join link and a directory')
      return run(async () => {
        const link = second === undefined ? await linkFrom(options.linkFile) : first
        return join(link, second ?? first, options)
      })
    })

  /** Says where what is no link was found: it does not stand on the line that was typed. */
  async function linkFrom(file: string | undefined): Promise<string> {
    const link = await linkText(file)
    const source = file === undefined ? LINK_VARIABLE : `--link-file ${file}`
    try {
      parseJoinLink(link)
      return link
    } catch (cause) {
      if (!isSyncError(cause, 'invite-invalid')) throw cause
      throw new SyncError('invite-invalid', `${source}: ${cause.message}`, { cause })
    }
  }

  async function linkText(file: string | undefined): Promise<string> {
    if (file === undefined) return terminal.env[LINK_VARIABLE] ?? ''
    if (file === '-') return text(terminal.stdin)
    return readFile(resolve(terminal.cwd, file), 'utf8').catch((cause: unknown) => {
      throw systemError(`cannot read the join link from ${file}`, cause)
    })
  }

  async function join(link: string, directory: string, options: JoinOptions) {
    const parsed = parseJoinLink(link)
    const [{ joinFolder }, { runNode }, { openStateDirectory, setAcceptInto, setBaseCache }] = await Promise.all([
      import('../enrol.ts'),
      import('../run-node.ts'),
      import('../../state/state-directory.ts'),
    ])
    const acceptInto = await acceptIntoFrom(options.acceptInto, terminal.cwd)
    const state = await openStateDirectory(stateRoot(options.state, terminal.env))
    try {
      const { folder, node } = await joinFolder(state, {
        link: parsed,
        directory: resolve(terminal.cwd, directory),
        folder: options.folder,
        name: options.name,
        port: options.port,
      })
      await setBaseCache(state, options.baseCache)
      await setAcceptInto(state, acceptInto)
      terminal.print(`joined ${folder.name} as ${node}: ${resolve(terminal.cwd, directory)}`)
      return await runNode(state, terminal, { once: options.once === true })
    } finally {
      await state.release()
    }
  }
}
