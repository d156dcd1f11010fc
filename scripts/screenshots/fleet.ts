import { appendFile, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { NodeViewSchema } from '@causeway/protocol'
import { z } from 'zod'
import { get, post } from '../../tests/support/api.ts'
import { startCoordinator, type Coordinator } from '../../tests/support/coordinator.ts'
import { eventually } from '../../tests/support/eventually.ts'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { startNode, type SyncNode } from '../../tests/support/node.ts'
import { causeway } from '../../tests/support/processes.ts'
import { Random } from '../../tests/support/random.ts'
import { writeSamples } from '../demo/samples.ts'

const NAMES = ['atlas', 'birch', 'cedar', 'dogwood', 'elm'] as const
const PAPERS = 'Papers'
const PHOTOS = 'Photos'
/** Who carries the second folder too. */
const PHOTOGRAPHERS = ['atlas', 'birch', 'cedar'] as const

type Nodes = Readonly<Record<(typeof NAMES)[number], SyncNode>>

/** Five nodes with a past: edits, a rename, a delete, a conflict, a large file in several versions, one node away. */
export async function startBusyFleet(life: Lifetime, scratch: string): Promise<Coordinator> {
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const nodes = await startNodes(life, coordinator, scratch)
  await sharePhotos(coordinator, nodes, scratch)
  await work(nodes)
  await disagree(coordinator, nodes)
  await leaveBehind(nodes)
  await nameNeutrally(coordinator)
  return coordinator
}

async function startNodes(life: Lifetime, coordinator: Coordinator, scratch: string): Promise<Nodes> {
  const started = new Map<string, SyncNode>()
  for (const [index, name] of NAMES.entries()) {
    const dir = join(scratch, name)
    await mkdir(dir, { recursive: true })
    if (index < 3) await writeSamples(dir, index)
    started.set(name, await startNode(life, { coordinator, dir, name, folder: PAPERS }))
  }
  const named = (name: string): SyncNode => started.get(name) ?? missing(name)
  return {
    atlas: named('atlas'),
    birch: named('birch'),
    cedar: named('cedar'),
    dogwood: named('dogwood'),
    elm: named('elm'),
  }
}

/** A node takes in a second folder while it rests. */
async function sharePhotos(coordinator: Coordinator, nodes: Nodes, scratch: string): Promise<void> {
  for (const name of PHOTOGRAPHERS) {
    const dir = join(scratch, `${name}-photos`)
    await mkdir(dir, { recursive: true })
    if (name === 'atlas') await writePhotos(dir)
    await nodes[name].stop()
    const link = await coordinator.invite({ folder: PHOTOS })
    await causeway(['join', link, dir, '--state', nodes[name].stateDir, '--once'])
    nodes[name].up()
    // Right after its start a node can't be asked yet.
    await eventually(`${name} is up and in step`, () => nodes[name].wait(), { timeoutMs: 90_000, everyMs: 200 })
  }
}

async function writePhotos(dir: string): Promise<void> {
  const random = new Random(7)
  await mkdir(join(dir, '2026/Harbour'), { recursive: true })
  for (let number = 1; number <= 24; number++) {
    const name = `IMG_${String(4100 + number)}.jpg`
    await writeFile(join(dir, '2026/Harbour', name), random.bytes(180_000 + random.below(240_000)))
  }
}

async function work({ atlas, birch, cedar, dogwood }: Nodes): Promise<void> {
  const random = new Random(11)
  const survey = random.bytes(6_000_000)
  await writeFile(atlas.path('Tide survey.bin'), survey)
  await caughtUp([atlas, birch])
  // A few bytes in the middle, then some at the front: what was there before need not be sent again.
  survey.write('corrected', 2_400_000)
  await writeFile(atlas.path('Tide survey.bin'), survey)
  await caughtUp([atlas, birch])
  await writeFile(birch.path('Tide survey.bin'), Buffer.concat([Buffer.from('Survey of the harbour\n'), survey]))
  await caughtUp([birch, cedar])
  await rename(cedar.path('Journey'), cedar.path('Journey to the coast'))
  await caughtUp([cedar, dogwood])
  await appendFile(dogwood.path('Garden/Harvest 2026.csv'), 'December,3.1,0.0,0.0\n')
  await caughtUp([dogwood, atlas])
  await copyFile(atlas.path('Tide survey.bin'), atlas.path('Tide survey, as printed.bin'))
  await writeFile(atlas.path('Notes/Draft.txt'), 'Not needed after all.\n')
  await caughtUp([atlas, birch])
  await rm(birch.path('Notes/Draft.txt'))
  await caughtUp([birch, atlas, cedar])
}

/** Two change the same file while neither hears of the other. */
async function disagree(coordinator: Coordinator, { birch, cedar }: Nodes): Promise<void> {
  await coordinator.whilePaused(async () => {
    await writeFile(birch.path('Notes/Things to try.txt'), 'Things to try\n\n[x] the long beach at low tide\n')
    await writeFile(cedar.path('Notes/Things to try.txt'), 'Things to try\n\n[ ] the lighthouse, from the sea\n')
  })
  await caughtUp([birch, cedar])
  await caughtUp([birch, cedar])
}

async function leaveBehind({ atlas, cedar, dogwood, elm }: Nodes): Promise<void> {
  await caughtUp([elm])
  await elm.stop()
  await writeFile(atlas.path('Ferry times.txt'), '08:10\n12:40\n17:55\n')
  await appendFile(cedar.path('Welcome.md'), '\n- Ask for the ferry times.\n')
  await caughtUp([atlas, cedar, dogwood])
}

/** Addresses and directories as in a home, instead of this machine's own. */
async function nameNeutrally(coordinator: Coordinator): Promise<void> {
  const nodes = await get(coordinator, '/api/v1/nodes', z.array(NodeViewSchema))
  for (const [index, { id, name, capabilities, folders }] of nodes.entries()) {
    const watch_directories = folders.map(({ folder }) => `~/${folder === 'photos' ? PHOTOS : PAPERS}`)
    const address = `192.168.1.${11 + index}`
    await post(coordinator, '/api/register', {
      node_id: id,
      name,
      address,
      port: 8001,
      watch_directories,
      capabilities,
    })
  }
}

/** Twice: what one sends in the first round, the others take in the second. */
async function caughtUp(nodes: readonly SyncNode[]): Promise<void> {
  for (const _round of ['out', 'in']) await Promise.all(nodes.map((node) => node.wait()))
}

function missing(name: string): never {
  throw new Error(`${name} was not started`)
}
