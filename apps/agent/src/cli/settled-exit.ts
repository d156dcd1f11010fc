import { problemAdvice, type FolderId } from '@causeway/protocol'
import type { SettledFolder } from '../runner/node-runner.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { haltLines } from './halt-lines.ts'
import { printable } from './printing.ts'
import { problemLines } from './status-line.ts'
import type { Terminal } from './terminal.ts'

/** Tells how waiting ended, with what a person can do about it, and the exit code for it. `stateOption` leads the commands to this node. */
export function settledExit(
  terminal: Pick<Terminal, 'warn'>,
  folders: readonly SettledFolder[],
  stateOption: string,
): ExitCode {
  for (const { folder, name, result } of folders) {
    if (result.kind === 'halted') {
      const what = result.code === 'paused' ? result.reason : `halted: ${result.reason}`
      terminal.warn(`causeway: ${printable(name)} is ${printable(what)}`)
      for (const line of wayOn({ id: folder, name }, result, stateOption)) terminal.warn(`  ${line}`)
      continue
    }
    if (result.problems.length > 0) terminal.warn(`causeway: ${printable(name)}:`)
    for (const line of result.problems.flatMap(problemLines)) terminal.warn(`  ${line}`)
  }
  return folders.some(({ result }) => result.kind !== 'done') ? EXIT.person : EXIT.ok
}

/** The reason is told already: what is held back where, and both ways on; or what to do about what is missing. */
function wayOn(
  folder: { readonly id: FolderId; readonly name: string },
  { halt, code }: Extract<SettledFolder['result'], { kind: 'halted' }>,
  stateOption: string,
): readonly string[] {
  if (halt !== null)
    return haltLines(folder, halt, stateOption)
      .slice(1)
      .map((line) => line.slice(2))
  const advice = problemAdvice(code)
  return advice === undefined ? [] : [advice]
}
