import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { killWithTheRest } from '../../tests/support/processes.ts'

const KEPT_CHARACTERS = 16_000

/** What this process has running through this file: it ends with it, also when a signal ends it early. */
const running = new Set<Spawned>()
let hooked = false

export interface SpawnOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  /** Opens a message channel as its standard descriptor 3: for scripts of ours. */
  readonly ipc?: boolean
}

/** A command that stays in the foreground, in a process group of its own. */
export class Spawned {
  readonly finished: Promise<number | null>
  readonly child: ChildProcess
  #name: string
  #output = ''
  #ended = false
  #listeners = new Set<() => void>()

  constructor(name: string, command: readonly string[], options: SpawnOptions = {}) {
    const [program = '', ...args] = command
    this.#name = name
    this.child = spawn(program, args, {
      cwd: options.cwd ?? '/',
      env: { ...process.env, ...options.env },
      stdio: options.ipc === true ? ['ignore', 'pipe', 'pipe', 'ipc'] : ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    running.add(this)
    if (!hooked) killWithTheRest(() => running.forEach((one) => one.killGroup('SIGKILL')))
    hooked = true
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-KEPT_CHARACTERS)
        for (const listener of this.#listeners) listener()
      })
    }
    this.finished = new Promise((resolve, reject) => {
      const end = (): void => {
        this.#ended = true
        running.delete(this)
        for (const listener of this.#listeners) listener()
      }
      this.child.once('error', (cause) => {
        end()
        reject(new Error(`could not start ${command.join(' ')}: ${cause.message}`, { cause }))
      })
      this.child.once('close', (code) => {
        end()
        resolve(code)
      })
    })
    this.finished.catch(() => undefined)
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  get isRunning(): boolean {
    return !this.#ended
  }

  /** The end of what it printed on either stream. */
  get output(): string {
    return this.#output
  }

  /** Resolves with the first match of a pattern in what was printed; throws if the process ends or time runs out before. */
  printed(pattern: RegExp, timeoutMs = 30_000): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const done = (act: () => void): void => {
        clearTimeout(timer)
        this.#listeners.delete(look)
        act()
      }
      const fail = (why: string): void =>
        done(() => reject(new Error(`${this.#name} ${why} before it printed ${pattern}\n${this.#output}`)))
      const look = (): void => {
        const match = pattern.exec(this.#output)
        if (match !== null) done(() => resolve(match))
        else if (this.#ended) fail('ended')
      }
      const timer = setTimeout(() => fail('took too long'), timeoutMs)
      this.#listeners.add(look)
      look()
    })
  }

  killGroup(signal: NodeJS.Signals): void {
    if (this.#ended || this.child.pid === undefined) return
    try {
      process.kill(-this.child.pid, signal)
    } catch {
      // The group ended in this moment: that is what was wanted.
    }
  }

  /** Asks it to end, then kills it. */
  async stop(timeoutMs = 10_000): Promise<void> {
    this.killGroup('SIGINT')
    const timer = setTimeout(() => this.killGroup('SIGKILL'), timeoutMs)
    await this.finished.catch(() => undefined)
    clearTimeout(timer)
  }
}

/** Runs one command to its end. Throws, with what it printed, unless it ends with one of the accepted codes. */
export async function runToEnd(
  name: string,
  command: readonly string[],
  options: SpawnOptions & { readonly timeoutMs?: number; readonly codes?: readonly number[] } = {},
): Promise<string> {
  const spawned = new Spawned(name, command, options)
  let late = false
  const timer = setTimeout(() => {
    late = true
    spawned.killGroup('SIGKILL')
  }, options.timeoutMs ?? 600_000)
  const code = await spawned.finished.finally(() => clearTimeout(timer))
  if (late) throw new Error(`${name} took longer than ${(options.timeoutMs ?? 600_000) / 1000} s\n${spawned.output}`)
  if (code === null || !(options.codes ?? [0]).includes(code)) {
    throw new Error(`${name} ended with ${code}: ${command.join(' ')}\n${spawned.output}`)
  }
  return spawned.output
}

/** What a program says of its version; undefined where it is not on PATH. */
export function versionOf(program: string, args: readonly string[], pattern: RegExp): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? pattern.exec(stdout)?.[1] : undefined
}
