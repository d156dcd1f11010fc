import { randomInt } from 'node:crypto'
import { spawn, type ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Lifetime } from './lifetime.ts'

export const REPOSITORY: string = join(import.meta.dirname, '../..')
const CAUSEWAY = join(REPOSITORY, 'bin/causeway')
const KEPT_OUTPUT_CHARACTERS = 64_000

/** What this process has running: it goes with it, also when a signal ends it early. */
const running = new Set<CausewayProcess>()
const others = new Set<() => void>()
process.once('exit', killAll)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    killAll()
    process.kill(process.pid, signal)
  })
}

function killAll(): void {
  for (const one of running) one.killGroup('SIGKILL')
  for (const kill of others) kill()
}

/** Has something else killed with the rest, should this process be ended before its lifetimes are. */
export function killWithTheRest(kill: () => void): void {
  others.add(kill)
}

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** A program and its arguments that run the command instead of running it directly (a tracer, say). */
  readonly through?: readonly string[]
}

/** One `bin/causeway …` that stays in the foreground, in a process group of its own. */
export class CausewayProcess {
  readonly name: string
  readonly finished: Promise<Finished>
  #child: ChildProcess
  #stdout = ''
  #stderr = ''
  #ended = false
  #listeners = new Set<() => void>()

  constructor(name: string, args: readonly string[], options: ProcessOptions = {}) {
    this.name = name
    const [program = CAUSEWAY, ...rest] = [...(options.through ?? []), CAUSEWAY, ...args]
    this.#child = spawn(program, rest, {
      cwd: options.cwd ?? '/',
      env: environment(options.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group: a kill reaches the process behind the launcher, as a power cut would.
      detached: true,
    })
    running.add(this)
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = tail(this.#stdout + text, KEPT_OUTPUT_CHARACTERS)
      this.#changed()
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = tail(this.#stderr + text, KEPT_OUTPUT_CHARACTERS)
      this.#changed()
    })
    this.finished = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => {
        this.#end()
        reject(new Error(`could not start ${program} ${rest.join(' ')}: ${error.message}`))
      })
      this.#child.once('close', (code, signal) => {
        this.#end()
        resolve({ code, signal })
      })
    })
    this.finished.catch(() => undefined)
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  get isRunning(): boolean {
    return !this.#ended
  }

  /** The first match of a pattern in what was printed (stdout first); throws if the process ends or time runs out. */
  async printed(pattern: RegExp, timeoutMs = 60_000): Promise<RegExpExecArray> {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const match = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr)
      if (match !== null) return match
      if (this.#ended) throw new Error(`${this.name} ended before it printed ${pattern}\n${this.tail()}`)
      if (Date.now() > deadline) throw new Error(`${this.name} did not print ${pattern} in time\n${this.tail()}`)
      await this.#nextChange(deadline - Date.now())
    }
  }

  /** The end of what it printed, for messages. */
  tail(lines = 15): string {
    const text = [...lastLines(this.#stdout, lines), ...lastLines(this.#stderr, lines)].join('\n  ')
    return `--- ${this.name}${this.#ended ? ' (ended)' : ''}\n  ${text}`
  }

  killGroup(signal: NodeJS.Signals): void {
    if (this.#ended || this.#child.pid === undefined) return
    try {
      process.kill(-this.#child.pid, signal)
    } catch {
      // The group ended in this moment: that is what was wanted.
    }
  }

  /** Ends it at once, as a power cut would. */
  async kill9(): Promise<void> {
    this.killGroup('SIGKILL')
    await this.finished
  }

  /** Asks it to end, as Ctrl-C does; kills it if it takes longer than a person would wait. */
  async stop(timeoutMs = 20_000): Promise<Finished> {
    this.killGroup('SIGINT')
    const timer = setTimeout(() => this.killGroup('SIGKILL'), timeoutMs)
    try {
      return await this.finished
    } finally {
      clearTimeout(timer)
    }
  }

  #changed(): void {
    for (const listener of this.#listeners) listener()
  }

  #end(): void {
    this.#ended = true
    running.delete(this)
    this.#changed()
  }

  #nextChange(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, Math.max(timeoutMs, 1))
      const listeners = this.#listeners
      listeners.add(done)
      function done(): void {
        clearTimeout(timer)
        listeners.delete(done)
        resolve()
      }
    })
  }
}

/** Starts `bin/causeway …` for as long as `life` lasts. */
export function startCauseway(
  life: Lifetime,
  name: string,
  args: readonly string[],
  options: ProcessOptions = {},
): CausewayProcess {
  const started = new CausewayProcess(name, args, options)
  life.add(() => started.kill9().catch(() => undefined))
  return started
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command to its end; whatever the exit code, it is returned. */
export async function runCauseway(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<Ran> {
  const started = new CausewayProcess(`causeway ${args[0] ?? ''}`, args, options)
  const timer = setTimeout(() => started.killGroup('SIGKILL'), options.timeoutMs ?? 90_000)
  try {
    const { code } = await started.finished
    return { code, stdout: started.stdout, stderr: started.stderr }
  } finally {
    clearTimeout(timer)
  }
}

/** The same, where anything but exit code 0 is a failure. Returns stdout. */
export async function causeway(args: readonly string[], options: { timeoutMs?: number } = {}): Promise<string> {
  const { code, stdout, stderr } = await runCauseway(args, options)
  if (code !== 0)
    throw new Error(`causeway ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}\n${recentOutput()}`)
  return stdout
}

/** The last lines of every process that is up, for a failure's message. */
export function recentOutput(): string {
  return [...running].map((one) => one.tail()).join('\n')
}

/** Below the ports that systems give to outgoing connections: one of those may have it while a server restarts. */
const PORTS = { from: 12_000, to: 30_000 }

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(PORTS.from, PORTS.to)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error(`no port between ${PORTS.from} and ${PORTS.to} was free`)
}

/** The caller's environment without what would steer the product. */
export function environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const steering =
    /^(CAUSEWAY_|COORDINATOR_|DASHBOARD_PORT$|DATABASE_(PATH|URL)$|CHUNKS_URL$|LOG_LEVEL$|TLS_|INSECURE_HTTP$|NODE_OPTIONS$|VITEST)/
  const kept = Object.entries(process.env).filter(([name]) => !steering.test(name))
  return { ...Object.fromEntries(kept), ...extra }
}

function tail(text: string, length: number): string {
  return text.length > length ? text.slice(-length) : text
}

function lastLines(text: string, count: number): string[] {
  return text.trimEnd().split('\n').slice(-count)
}
