import type { Command } from 'commander'
import { isSyncError } from '@causeway/protocol'
import { sleep } from '../../link/backoff.ts'
import type { NodeStatus, SettledFolder } from '../../runner/node-runner.ts'
import { askControl } from '../../state/control.ts'
import { stateLocations, stateOption, stateRoot } from '../../state/locations.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { parseSeconds, STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import { settledExit } from '../settled-exit.ts'
import { describe, reasonsOf } from '../status-line.ts'
import type { Terminal } from '../terminal.ts'

interface WaitOptions {
  readonly state?: string
  readonly timeout?: number
}

/** A node that was started a moment ago gets this long to answer. */
const STARTING_MS = 3_000

export function addWaitCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('wait')
    .description(
      'wait until this node is in sync: everything here is sent, and everything from the others is on this disk',
    )
    .option(...STATE_OPTION)
    .option('--timeout <seconds>', 'after this time, give up, say what is missing, and exit with 3', parseSeconds)
    .action((options: WaitOptions) => run(() => wait(options)))

  async function wait(options: WaitOptions): Promise<ExitCode> {
    const { root, control } = stateLocations(stateRoot(options.state, terminal.env))
    const timeout = options.timeout === undefined ? undefined : AbortSignal.timeout(options.timeout * 1000)
    const signal = timeout === undefined ? terminal.interrupted : AbortSignal.any([terminal.interrupted, timeout])
    try {
      return settledExit(terminal, await settled(control, signal), stateOption(root, terminal.env))
    } catch (error) {
      if (timeout?.aborted !== true) throw error
      terminal.warn(`causeway: not in sync after ${options.timeout} s`)
      for (const line of await whatItWaitsFor(control, stateOption(root, terminal.env))) terminal.warn(`  ${line}`)
      return EXIT.timeout
    }
  }

  /** Each folder that is not in sync, and why; empty if the node does not answer any more. */
  async function whatItWaitsFor(control: string, state: string): Promise<readonly string[]> {
    try {
      // Both ends are this program: the answer has the form that was sent.
      const status = (await askControl(control, { kind: 'status' }, AbortSignal.timeout(STARTING_MS))) as NodeStatus
      const link = status.coordinator.connected ? [] : [`disconnected from ${status.coordinator.url}`]
      const folders = status.folders
        .map((folder) => ({ folder, reasons: reasonsOf(folder, state) }))
        .filter(({ folder, reasons }) => folder.state !== 'idle' || reasons.length > 0)
      return [...link, ...folders.flatMap(({ folder, reasons }) => [describe(folder), ...reasons.map(indent)])]
    } catch {
      return ['the node does not answer: is it still running?']
    }
  }

  function indent(line: string): string {
    return `  ${line}`
  }

  async function settled(control: string, signal: AbortSignal): Promise<readonly SettledFolder[]> {
    const giveUpAt = performance.now() + STARTING_MS
    for (;;) {
      try {
        // Both ends are this program: the answer has the form that was sent.
        return (await askControl(control, { kind: 'wait' }, signal)) as readonly SettledFolder[]
      } catch (error) {
        if (!isSyncError(error, 'not-found') || performance.now() > giveUpAt) throw error
        await sleep(100, signal)
      }
    }
  }
}
