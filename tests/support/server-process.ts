import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { killWithTheRest } from './processes.ts'

const STARTED_WITHIN_MS = 30_000

/** A server that is no part of Causeway, on a port of this machine; it can be killed and started again. */
export class ServerProcess {
  readonly #command: readonly [string, ...string[]]
  readonly #port: number
  #server: ChildProcess | undefined

  constructor(command: readonly [string, ...string[]], port: number) {
    this.#command = command
    this.#port = port
    killWithTheRest(() => this.#server?.kill('SIGKILL'))
  }

  /** Resolves once it takes connections. */
  async start(): Promise<void> {
    const [program, ...args] = this.#command
    const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#server = server
    let said = ''
    server.stderr.on('data', (bytes: Buffer) => (said = `${said}${bytes.toString()}`.slice(-4000)))
    server.once('error', (error) => (said = error.message))
    const started = performance.now()
    while (!(await this.#answers())) {
      if (isOver(server) || performance.now() - started > STARTED_WITHIN_MS)
        throw new Error(`${this.#command.join(' ')} did not start: ${said}`)
      await pause(20)
    }
  }

  /** At once, as when its machine goes. */
  async kill(): Promise<void> {
    const server = this.#server
    if (server === undefined || isOver(server)) return
    const ended = once(server, 'exit')
    server.kill('SIGKILL')
    await ended
  }

  #answers(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  }
}

function isOver({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined
}
