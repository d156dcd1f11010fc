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
    .usage('[options] [link] <dir>\n       causeway join [options] [link] [<folder>=<dir>...] [<dir>]')
    .argument(
      '<link-and-dir...>',
      'the directory to sync (it may hold files already: both sides are merged, nothing is lost), and before it, ' +
        'unless it is given in another way, the join link that "causeway invite" printed. A link for several folders takes ' +
        'FOLDER=DIR for each, or one directory, below which each gets one of its own',
    )
    .option('--link-file <file>', 'a file that holds the join link; - reads it from stdin')
    .option('--folder <name>', 'a folder that the link must be for')
    .option('--name <name>', "this node's name (default: the machine's)")
    .option(...STATE_OPTION)
    .option('--port <port>', 'the port this node reports', parsePort)
    .option('--once', 'sync in both directions, then exit')
    .option(...BASE_CACHE_OPTION, parseBytes)
    .option(...ACCEPT_INTO_OPTION)
    .addHelpText('after', LINK_HELP)
    .action((given: string[], options: JoinOptions) => {
      const [first = '', ...others] = given
      const comesOtherwise = options.linkFile !== undefined || terminal.env[LINK_VARIABLE] !== undefined
      const isTyped = first.includes('://') || (others.length > 0 && !comesOtherwise)
      if (!isTyped && !comesOtherwise)
        command.error(`error: no join link: give it before the directory, or as shown below${LINK_HELP}`)
      const directories = isTyped ? others : given
      if (directories.length === 0) command.error('error: no directory: name the one to keep in sync')
      return run(async () => join(isTyped ? first : await linkFrom(options.linkFile), directories, options))
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

  async function join(link: string, directories: readonly string[], options: JoinOptions) {
    const parsed = parseJoinLink(link)
    const [{ joinFolders }, { placesFor }, { runNode }, { openStateDirectory, setAcceptInto, setBaseCache }] =
      await Promise.all([
        import('../enrol.ts'),
        import('../join-places.ts'),
        import('../run-node.ts'),
        import('../../state/state-directory.ts'),
      ])
    const acceptInto = await acceptIntoFrom(options.acceptInto, terminal.cwd)
    const state = await openStateDirectory(stateRoot(options.state, terminal.env))
    try {
      const { folders, gone, node } = await joinFolders(state, {
        link: parsed,
        places: placesFor(parsed.folders, directories, terminal.cwd),
        folder: options.folder,
        name: options.name,
        port: options.port,
      })
      await setBaseCache(state, options.baseCache)
      await setAcceptInto(state, acceptInto)
      for (const { name, directory } of folders) terminal.print(`joined ${name} as ${node}: ${directory}`)
      for (const folder of gone) terminal.warn(`the link was for ${folder}, too: there is no such folder any more`)
      return await runNode(state, terminal, { once: options.once === true })
    } finally {
      await state.release()
    }
  }
}
