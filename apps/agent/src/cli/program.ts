import type { Run } from './run.ts'
import { Command, CommanderError } from 'commander'
import { SyncError } from '@causeway/protocol'
import { addApiCommand } from './commands/api.ts'
import { addAcceptCommand } from './commands/accept.ts'
import { addBasesCommand } from './commands/bases.ts'
import { addCompletionCommand } from './commands/completion.ts'
import { addConflictsCommand } from './commands/conflicts.ts'
import { addDeclineCommand } from './commands/decline.ts'
import { addHistoryCommand } from './commands/history.ts'
import { addInviteCommand } from './commands/invite.ts'
import { addJoinCommand } from './commands/join.ts'
import { addLoginCommand } from './commands/login.ts'
import { addQuotaCommand } from './commands/quota.ts'
import { addRestoreCommand } from './commands/restore.ts'
import { addResumeCommand } from './commands/resume.ts'
import { addRotateKeyCommand } from './commands/rotate-key.ts'
import { addSignInLinkCommand } from './commands/sign-in-link.ts'
import { addMovingStubs, addServeStub } from './commands/serve.ts'
import { addStatsCommand } from './commands/stats.ts'
import { addStatusCommand } from './commands/status.ts'
import { addUpCommand } from './commands/up.ts'
import { addWaitCommand } from './commands/wait.ts'
import { AGENT_VERSION } from './version.ts'
import { describeError, EXIT, EXIT_CODES_HELP, type ExitCode } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command line and returns the exit code. Nothing is thrown. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  const run: Run = async (work) => {
    code = await work()
  }
  const program = createProgram(terminal, run)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    // Commander has written its message already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (terminal.interrupted.aborted && isAbort(error, terminal)) return EXIT.failed
    for (const line of describeError(error)) terminal.warn(line)
    return error instanceof SyncError && error.code === 'halted' ? EXIT.person : EXIT.failed
  }
}

function createProgram(terminal: Terminal, run: Run): Command {
  const program = new Command('causeway')
    .description('Keeps folders in sync across machines.')
    .version(AGENT_VERSION)
    .showHelpAfterError('(see causeway --help)')
    .addHelpText('after', EXIT_CODES_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => linesOf(text).forEach((line) => terminal.print(line)),
      writeErr: (text) => linesOf(text).forEach((line) => terminal.warn(line)),
    })
    // Subcommands inherit what is set above only if it is set first.
    .enablePositionalOptions()
  // Dispatched by the launcher to the coordinator; listed here so that one help shows everything.
  addServeStub(program)
  addMovingStubs(program)
  for (const add of COMMANDS) add(program, terminal, run)
  return program
}

const COMMANDS = [
  addInviteCommand,
  addJoinCommand,
  addUpCommand,
  addAcceptCommand,
  addDeclineCommand,
  addStatusCommand,
  addStatsCommand,
  addWaitCommand,
  addHistoryCommand,
  addRestoreCommand,
  addConflictsCommand,
  addResumeCommand,
  addBasesCommand,
  addQuotaCommand,
  addRotateKeyCommand,
  addSignInLinkCommand,
  addLoginCommand,
  addApiCommand,
  addCompletionCommand,
]

function linesOf(text: string): string[] {
  return text.trimEnd().split('\n')
}

function isAbort(error: unknown, terminal: Terminal): boolean {
  return error === terminal.interrupted.reason
}
