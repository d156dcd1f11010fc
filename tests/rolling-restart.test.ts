import { connect, createServer, type Socket } from 'node:net'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { converged } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode } from './support/node.ts'
import { freePort } from './support/processes.ts'
import { Random, writeRandomFile } from './support/random.ts'
import { scratchDirectory } from './support/scratch.ts'

const RESTARTS = 3
const WRITERS = ['ash', 'birch', 'cedar'] as const

test('a restart behind a balancer, under writing nodes, breaks off no request and fails no cycle', async () => {
  const life = testLifetime()
  const scratch = await scratchDirectory(life)
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'data') })
  const throughPort = await startBalancer(life, coordinator)
  const nodes = await Promise.all(
    WRITERS.map(async (name) => {
      const link = await coordinator.invite({ folder: 'work', throughPort })
      return startNode(life, { coordinator, dir: join(scratch, name), name, link })
    }),
  )
  // Something that takes its time, in both directions, while the small ones come and go.
  await writeRandomFile(join(scratch, 'ash', 'big.bin'), 40 * 1024 * 1024, 7)

  let isWriting = true
  const written = Promise.all(
    nodes.map(async (node, index) => {
      const random = new Random(index + 1)
      await mkdir(node.path(node.name))
      let count = 0
      for (; isWriting; count++) {
        await writeFile(node.path(node.name, `${count % 50}.txt`), random.bytes(random.below(4000)))
        await sleep(20)
      }
      return count
    }),
  )
  for (let restart = 0; restart < RESTARTS; restart++) {
    await sleep(1500)
    const stopping = coordinator.process
    stopping.killGroup('SIGTERM')
    expect(await stopping.finished).toEqual({ code: 0, signal: null })
    expect(stopping.stderr).not.toMatch(/broken off|"level":(50|60)/)
    await coordinator.start()
  }
  await sleep(1000)
  isWriting = false
  for (const count of await written) expect(count).toBeGreaterThan(50)

  await converged(nodes, 120_000)
  for (const { process } of nodes) {
    const failed = process.stdout
      .split('\n')
      .filter((line) => /offline|problem/.test(line) && !/is restarting/.test(line))
    expect([failed, process.stderr]).toEqual([[], ''])
  }
  expect(nodes.map(({ process }) => process.stdout).join('')).toMatch(/is restarting/)
}, 240_000)

/** Leads every connection to the coordinator, as soon as that is there: what a balancer in front of several does. */
async function startBalancer(life: Lifetime, coordinator: Coordinator): Promise<number> {
  const open = new Set<Socket>()
  async function lead(front: Socket): Promise<void> {
    open.add(front)
    front.on('error', () => front.destroy())
    front.on('close', () => open.delete(front))
    const back = await connected(coordinator.port, front)
    if (back === undefined) return
    back.on('error', () => front.destroy())
    back.on('close', () => front.end())
    front.on('close', () => back.destroy())
    front.pipe(back).pipe(front)
  }
  const server = createServer((front) => void lead(front))
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  life.add(async () => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return port
}

async function connected(port: number, front: Socket): Promise<Socket | undefined> {
  while (!front.destroyed) {
    const back = connect(port, '127.0.0.1')
    const isUp = await new Promise<boolean>((resolve) => {
      back.once('connect', () => resolve(true))
      back.once('error', () => resolve(false))
    })
    if (isUp) return back
    await sleep(20)
  }
  return undefined
}
