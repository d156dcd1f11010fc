import { resolve } from 'node:path'
import type { Command } from 'commander'
import { parseJoinLink } from '@causeway/protocol'
import { stateRoot } from '../../state/locations.ts'
import { BASE_CACHE_OPTION, parseBytes, parsePort, STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface JoinOptions {
  readonly folder?: string
  readonly name?: string
  readonly state?: string
  readonly port?: number
  readonly once?: boolean
  readonly baseCache?: number
}

export function addJoinCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('join')
    .description('enrol this machine with a join link, bind DIR to its folder, and keep it in sync')
    .argument('<link>', 'the join link that "causeway invite" printed')
    .argument('<dir>', 'the directory to sync; it may hold files already: both sides are merged, nothing is lost')
    .option('--folder <name>', 'the folder that the link must be for')
    .option('--name <name>', "this node's name (default: the machine's)")
    .option(...STATE_OPTION)
    .option('--port <port>', 'the port this node reports', parsePort)
    .option('--once', 'sync both ways, then end')
    .option(...BASE_CACHE_OPTION, parseBytes)
    .action((link: string, directory: string, options: JoinOptions) => run(() => join(link, directory, options)))

  async function join(link: string, directory: string, options: JoinOptions) {
    const parsed = parseJoinLink(link)
    const [{ joinFolder }, { runNode }, { openStateDirectory, setBaseCache }] = await Promise.all([
      import('../enrol.ts'),
      import('../run-node.ts'),
      import('../../state/state-directory.ts'),
    ])
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
      terminal.print(`joined ${folder.name} as ${node}: ${resolve(terminal.cwd, directory)}`)
      return await runNode(state, terminal, { once: options.once === true })
    } finally {
      await state.release()
    }
  }
}
