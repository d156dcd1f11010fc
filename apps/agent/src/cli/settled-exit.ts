import type { SettledFolder } from '../runner/node-runner.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { printable } from './printing.ts'
import type { Terminal } from './terminal.ts'

/** Tells how waiting ended, and the exit code for it. */
export function settledExit(terminal: Terminal, folders: readonly SettledFolder[]): ExitCode {
  for (const { name, result } of folders) {
    if (result.kind === 'halted') {
      terminal.warn(`causeway: ${name} is halted: ${printable(result.reason)}`)
      continue
    }
    for (const { path, code, message } of result.problems) {
      terminal.warn(`causeway: ${name}: ${printable(path)}: ${printable(message)} (${code})`)
    }
  }
  return folders.some(({ result }) => result.kind !== 'done') ? EXIT.person : EXIT.ok
}
