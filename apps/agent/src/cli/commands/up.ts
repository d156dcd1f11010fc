import type { Command } from 'commander'
import { stateRoot } from '../../state/locations.ts'
import {
  ACCEPT_INTO_OPTION,
  BASE_CACHE_OPTION,
  parseBytes,
  parsePeers,
  PEERS_OPTION,
  STATE_OPTION,
} from '../options.ts'
import { acceptIntoFrom } from '../accept-into.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface UpOptions {
  readonly state?: string
  readonly once?: boolean
  readonly baseCache?: number
  readonly acceptInto?: string
  readonly peers?: ReturnType<typeof parsePeers>
}

export function addUpCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('up')
    .description('run an enrolled node and keep its folders in sync until it is stopped')
    .option(...STATE_OPTION)
    .option('--once', 'sync in both directions, then exit')
    .option(...BASE_CACHE_OPTION, parseBytes)
    .option(...ACCEPT_INTO_OPTION)
    .option(...PEERS_OPTION, parsePeers)
    .action((options: UpOptions) => run(() => up(options)))

  async function up(options: UpOptions) {
    const [{ runNode }, { openStateDirectory, setAcceptInto, setBaseCache, setPeers, readEnrolment }] =
      await Promise.all([import('../run-node.ts'), import('../../state/state-directory.ts')])
    const root = stateRoot(options.state, terminal.env)
    // Before anything is made there: a mistyped directory stays as it is.
    await readEnrolment(root)
    const acceptInto = await acceptIntoFrom(options.acceptInto, terminal.cwd)
    const state = await openStateDirectory(root)
    try {
      await setBaseCache(state, options.baseCache)
      await setAcceptInto(state, acceptInto)
      await setPeers(state, options.peers)
      return await runNode(state, terminal, { once: options.once === true })
    } finally {
      await state.release()
    }
  }
}
