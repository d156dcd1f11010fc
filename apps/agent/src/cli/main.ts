import { runCommandLine } from './program.ts'
import { processTerminal } from './terminal.ts'

// A join link among the arguments is a secret: what lists processes shows the title from here on.
if (process.argv[2] === 'join') process.title = 'causeway join'

const code = await runCommandLine(process.argv.slice(2), processTerminal())
process.exitCode = code
// Everything is closed by now; a handle that a library keeps must not hold the process.
setTimeout(() => process.exit(code), 1_000).unref()
