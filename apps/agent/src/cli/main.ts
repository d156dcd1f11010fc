import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

const code = await runCommandLine(process.argv.slice(2), processTerminal())
process.exitCode = code
// Everything is closed by now; a handle that a library keeps must not hold the process.
setTimeout(() => process.exit(code), 1_000).unref()
