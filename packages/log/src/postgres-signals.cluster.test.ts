import { NodeIdSchema } from '@causeway/protocol'
import { openPostgresChannel, type PostgresChannel } from '@causeway/store'
import { connect, createServer, type Socket } from 'node:net'
import { once } from 'node:events'
import { expect, inject, test } from 'vitest'
import { signalsConformance } from './conformance/signals-conformance.ts'
import { createSharedSignals } from './shared-signals.ts'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

let count = 0
const freshUrl = () => `${inject('postgresUrl')}?schema=signals_${process.pid}_${++count}`
const open = (url: string, instance: string): Promise<PostgresChannel> => openPostgresChannel({ url, instance })

signalsConformance('signals over PostgreSQL', async () => {
  const url = freshUrl()
  const channels = [await open(url, 'ash'), await open(url, 'birch')] as const
  const [ash, birch] = [createSharedSignals(channels[0], SILENT), createSharedSignals(channels[1], SILENT)]
  return { ash, birch, close: async () => void (await Promise.all(channels.map((channel) => channel.close()))) }
})

test('who lost the connection is told so once it is back, and then hears again; what was said meanwhile comes later', async () => {
  const url = freshUrl()
  const line = await Line.listen()
  const [far, near] = [await open(line.before(url), 'far'), await open(url, 'near')]
  const [there, here] = [createSharedSignals(far, SILENT), createSharedSignals(near, SILENT)]
  let missed = 0
  const [heardThere, heardHere] = [new Set<string>(), new Set<string>()]
  there.subscribe('missed', () => (missed += 1))
  there.subscribe('node', ({ node }) => heardThere.add(node))
  here.subscribe('node', ({ node }) => heardHere.add(node))

  line.cut()
  there.publish('node', { node: NodeIdSchema.parse('said-while-cut-off') })
  expect(missed).toBe(0)
  line.mend()
  await expect.poll(() => missed, { timeout: 20_000 }).toBe(1)
  await expect.poll(() => heardHere.has('said-while-cut-off'), { timeout: 20_000 }).toBe(true)
  here.publish('node', { node: NodeIdSchema.parse('said-afterwards') })
  await expect.poll(() => heardThere.has('said-afterwards'), { timeout: 20_000 }).toBe(true)
  await Promise.all([far.close(), near.close()])
  line.end()
})

test('words of one installation do not come to another that shares the database', async () => {
  const [one, other, same] = [await open(freshUrl(), 'a'), await open(freshUrl(), 'b'), await open(freshUrl(), 'c')]
  const heard: string[] = []
  other.subscribe({ heard: (text) => heard.push(text), missed: () => undefined })
  one.publish('not for you')
  const neighbour = await open(`${inject('postgresUrl')}?schema=signals_${process.pid}_${count - 1}`, 'd')
  neighbour.publish('for you')
  await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['for you'])
  await Promise.all([one, other, same, neighbour].map((channel) => channel.close()))
})

/** A line to the server that can be cut. */
class Line {
  readonly #server = createServer((near) => this.#join(near))
  readonly #sockets = new Set<Socket>()
  #isCut = false

  static async listen(): Promise<Line> {
    const line = new Line()
    line.#server.listen(0, '127.0.0.1')
    await once(line.#server, 'listening')
    return line
  }

  before(text: string): string {
    const url = new URL(text)
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('it does not listen')
    url.port = String(address.port)
    return url.href
  }

  cut(): void {
    this.#isCut = true
    for (const socket of this.#sockets) socket.destroy()
  }

  mend(): void {
    this.#isCut = false
  }

  end(): void {
    this.cut()
    this.#server.close()
  }

  #join(near: Socket): void {
    if (this.#isCut) return void near.destroy()
    const { hostname, port } = new URL(inject('postgresUrl'))
    const far = connect(Number(port), hostname)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy()).on('close', () => to.destroy())
    }
  }
}
