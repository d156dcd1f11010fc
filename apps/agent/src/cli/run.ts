import type { ExitCode } from './exit-codes.ts'

/** What a command's action is run with. The code it returns is the process's. */
export type Run = (work: () => Promise<ExitCode>) => Promise<void>
