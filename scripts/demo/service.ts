import { setTimeout as pause } from 'node:timers/promises'
import { createBackoff } from '../../apps/agent/src/link/backoff.ts'
import { Child, type Ended } from './child.ts'

export interface Command {
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** A process ended that nobody had asked to. */
export interface UnexpectedEnd {
  readonly name: string
  /** Completes "NAME …": `was ended by SIGKILL`. */
  readonly how: string
  /** Its last lines, indented; empty where it said nothing. */
  readonly lastWords: string
  /** It is started again after this. */
  readonly againInMs: number
}

export interface ServiceOptions {
  readonly name: string
  readonly env: NodeJS.ProcessEnv
  /** Asked before each start. What it throws counts as an end. */
  readonly command: () => Promise<Command>
  /** A process has begun: the first time, and each time again. */
  readonly began: (child: Child) => void
  readonly ended: (end: UnexpectedEnd) => void
}

const AGAIN = { firstMs: 500, limitMs: 30_000 }
/** Who ran so long did not fail at its start: the next wait is the shortest again. */
const STEADY_MS = 30_000

/** A process that runs until it is stopped: if it ends before, it is started again, after ever longer waits. */
export class Service {
  #options: ServiceOptions
  #child: Child | undefined
  #stopped = new AbortController()
  #backoff = createBackoff(AGAIN)

  constructor(options: ServiceOptions) {
    this.#options = options
    void this.#run()
  }

  get child(): Child | undefined {
    return this.#child
  }

  /** Ends it for good. Safe to call more than once. */
  async stop(graceMs: number): Promise<void> {
    this.#stopped.abort()
    await this.#child?.stop(graceMs)
  }

  kill(): void {
    this.#stopped.abort()
    this.#child?.signal('SIGKILL')
  }

  async #run(): Promise<void> {
    const { name, ended } = this.#options
    const stopped = this.#stopped.signal
    while (!stopped.aborted) {
      const beganMs = performance.now()
      const end = await this.#once()
      if (stopped.aborted) return
      if (performance.now() - beganMs > STEADY_MS) this.#backoff.reset()
      const againInMs = this.#backoff.next()
      ended({ name, ...end, againInMs })
      await pause(againInMs, undefined, { signal: stopped }).catch(() => undefined)
    }
  }

  async #once(): Promise<Pick<UnexpectedEnd, 'how' | 'lastWords'>> {
    const { name, env, command, began } = this.#options
    try {
      const { args, env: more = {} } = await command()
      if (this.#stopped.signal.aborted) return { how: 'was stopped', lastWords: '' }
      const child = new Child(name, args, { ...env, ...more })
      this.#child = child
      began(child)
      return { how: howItEnded(await child.ended), lastWords: child.lastWords() }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      return { how: 'could not be started', lastWords: `    ${message}` }
    }
  }
}

function howItEnded({ code, signal }: Ended): string {
  if (signal !== null) return `was ended by ${signal}`
  return code === null ? 'could not be started' : `ended with exit code ${code}`
}
