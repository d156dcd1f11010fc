import type { Command } from 'commander'
import { stateRoot } from '../../state/locations.ts'
import { BASE_CACHE_OPTION, parseBytes, STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface UpOptions {
  readonly state?: string
  readonly once?: boolean
  readonly baseCache?: number
}

export function addUpCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('up')
    .description('run an enrolled node: keep its folders in sync until it is stopped')
    .option(...STATE_OPTION)
    .option('--once', 'sync both ways, then end')
    .option(...BASE_CACHE_OPTION, parseBytes)
    .action((options: UpOptions) => run(() => up(options)))

  async function up(options: UpOptions) {
    const [{ runNode }, { openStateDirectory, setBaseCache, readEnrolment }] = await Promise.all([
      import('../run-node.ts'),
      import('../../state/state-directory.ts'),
    ])
    const root = stateRoot(options.state, terminal.env)
    // Before anything is made there: a mistyped directory stays as it is.
    await readEnrolment(root)
    const state = await openStateDirectory(root)
    try {
      await setBaseCache(state, options.baseCache)
      return await runNode(state, terminal, { once: options.once === true })
    } finally {
      await state.release()
    }
  }
}
