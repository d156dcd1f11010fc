import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lifetime } from './lifetime.ts'
import { freePort } from './processes.ts'

/** A way over TCP to one of several ports of this machine, which can be cut, or fall silent. */
export class Line {
  readonly port: number
  readonly #targets: readonly number[]
  readonly #ends = new Set<Socket>()
  #next = 0
  #isCut = false
  #isStalled = false

  private constructor(port: number, targets: readonly number[]) {
    this.port = port
    this.#targets = targets
  }

  /** Connections go to the targets in turn, those that do not answer left out: a small balancer. */
  static async open(life: Lifetime, ...targets: number[]): Promise<Line> {
    const line = new Line(await freePort(), targets)
    const server = createServer({ pauseOnConnect: true }, (front) => void line.#lead(front))
    await new Promise<void>((resolve) => server.listen(line.port, '127.0.0.1', resolve))
    life.add(() => {
      line.cut()
      server.close()
    })
    return line
  }

  /** Breaks all connections, and refuses new ones. */
  cut(): void {
    this.#isCut = true
    for (const end of this.#ends) end.destroy()
  }

  /** Nothing comes through any more, and nobody learns that. */
  stall(): void {
    this.#isStalled = true
    for (const end of this.#ends) end.pause()
  }

  mend(): void {
    this.#isCut = false
    this.#isStalled = false
    for (const end of this.#ends) end.resume()
  }

  async #lead(front: Socket): Promise<void> {
    front.on('error', () => front.destroy())
    const back = await this.#reach(front)
    if (back === undefined) return void front.destroy()
    for (const [from, to] of [
      [front, back],
      [back, front],
    ] as const) {
      this.#ends.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#ends.delete(from)
        to.destroy()
      })
      from.on('end', () => to.end())
      from.on('data', (bytes: Buffer) => {
        if (to.write(bytes)) return
        from.pause()
        to.once('drain', () => {
          if (!this.#isStalled) from.resume()
        })
      })
      if (this.#isStalled) from.pause()
      else from.resume()
    }
  }

  async #reach(front: Socket): Promise<Socket | undefined> {
    while (!front.destroyed && !this.#isCut) {
      for (let tries = 0; tries < this.#targets.length; tries++) {
        const target = this.#targets[this.#next++ % this.#targets.length]
        const back = target === undefined ? undefined : await reached(target)
        if (back !== undefined) return back
      }
      await sleep(20)
    }
    return undefined
  }
}

async function reached(port: number): Promise<Socket | undefined> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket.pause()))
    socket.once('error', () => resolve(undefined))
  })
}
