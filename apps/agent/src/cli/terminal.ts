import { createPrinting, type Printing } from './printing.ts'

/** Where a command reads its surroundings and writes its results. */
export interface Terminal extends Printing {
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  readonly stdin: NodeJS.ReadableStream
  /** True if people watch stdout: lines may then be redrawn. */
  readonly isInteractive: boolean
  readonly columns: number
  /** Aborts when the process is asked to end (Ctrl-C, SIGTERM). */
  readonly interrupted: AbortSignal
  /** Milliseconds since 1970: for what is said to people. */
  wallNow(): number
}

/** The process's own. A second Ctrl-C ends it at once. */
export function processTerminal(): Terminal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (interrupted.signal.aborted) process.exit(130)
      interrupted.abort(new Error(`stopped by ${signal}`))
    })
  }
  // A pipe whose reader has gone (`| head`) is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
  return {
    cwd: process.cwd(),
    env: process.env,
    stdin: process.stdin,
    get isInteractive() {
      return process.stdout.isTTY === true
    },
    get columns() {
      return process.stdout.columns ?? 80
    },
    ...createPrinting({
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
    }),
    interrupted: interrupted.signal,
    wallNow: () => new Date().getTime(),
  }
}
