import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { ROOT } from './options.ts'

const CAUSEWAY = join(ROOT, 'bin/causeway')
const LEASH = pathToFileURL(join(import.meta.dirname, 'leash.mjs')).href
const KEPT_LINES = 15

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One `bin/causeway …`, read line by line. It ends with this process, also where that is killed. */
export class Child {
  readonly name: string
  readonly ended: Promise<Ended>
  #process: ChildProcess
  #kept: string[] = []
  #errors: string[] = []
  #listeners = new Set<(line: string) => void>()

  /**
   * Has a process group of its own: a Ctrl-C in the terminal reaches the demo alone, which then ends its children in
   * order and exactly once.
   */
  constructor(name: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.name = name
    const NODE_OPTIONS = [env['NODE_OPTIONS'], `--import=${LEASH}`].filter(Boolean).join(' ')
    this.#process = spawn(CAUSEWAY, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: { ...env, NODE_OPTIONS },
    })
    // It ended before it was ever held.
    this.#process.stdin?.on('error', () => undefined)
    readLines(this.#process.stdout, (line) => this.#heard(line, this.#kept))
    readLines(this.#process.stderr, (line) => this.#heard(line, this.#errors))
    this.ended = new Promise((resolve) => {
      this.#process.once('error', (error) => {
        this.#errors.push(`${CAUSEWAY} could not be started: ${error.message}`)
        resolve({ code: null, signal: null })
      })
      this.#process.once('close', (code, signal) => resolve({ code, signal }))
    })
  }

  onLine(listener: (line: string) => void): void {
    this.#listeners.add(listener)
  }

  /** The first match in a line of its output, earlier ones included; `undefined` if it ends without one. */
  async matching(pattern: RegExp): Promise<RegExpExecArray | undefined> {
    const earlier = [...this.#kept, ...this.#errors].map((line) => pattern.exec(line)).find((match) => match !== null)
    if (earlier !== undefined) return earlier
    const later = new Promise<RegExpExecArray>((resolve) => {
      this.onLine((line) => {
        const match = pattern.exec(line)
        if (match !== null) resolve(match)
      })
    })
    return Promise.race([later, this.ended.then(() => undefined)])
  }

  /** Why it ended: its last lines, errors first in rank. */
  lastWords(): string {
    const lines = this.#errors.length > 0 ? this.#errors : this.#kept
    return lines.map((line) => `    ${line}`).join('\n')
  }

  /** Asks it to end and kills it if it has not within `graceMs`. Safe to call more than once. */
  async stop(graceMs: number): Promise<void> {
    this.signal('SIGTERM')
    const timer = setTimeout(() => this.signal('SIGKILL'), graceMs)
    await this.ended
    clearTimeout(timer)
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null) return
    try {
      process.kill(-this.#process.pid, signal)
    } catch {
      // It ended in this moment.
    }
  }

  #heard(line: string, kept: string[]): void {
    kept.push(line)
    if (kept.length > KEPT_LINES) kept.shift()
    for (const listener of this.#listeners) listener(line)
  }
}

/** A status line that is rewritten in place comes as many lines. */
function readLines(stream: NodeJS.ReadableStream | null, onLine: (line: string) => void): void {
  let rest = ''
  stream?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/[\r\n]+/)
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const plain = stripVTControlCharacters(line).trimEnd()
      if (plain !== '') onLine(plain)
    }
  })
}
