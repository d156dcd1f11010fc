import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BrowseResponseSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { get } from './support/api.ts'
import { Demo, freePorts } from './support/demo.ts'
import { eventually } from './support/eventually.ts'
import { testLifetime } from './support/hooks.ts'
import { scratchDirectory } from './support/scratch.ts'
import { givenSmallDisk, whyNoSmallDisk } from './support/small-disk.ts'

const RUNS = 'Causeway is running'
const EMPTY = ['--nodes', '1', '--no-samples']
const MEGABYTES = 48
const LONG = { timeoutMs: 180_000 }

const why = whyNoSmallDisk()
if (why !== undefined) console.log(`Full and read-only disks under a demo are not tried: ${why}.`)

test.skipIf(why !== undefined)(
  'a full disk under a demo is named, at its start and while it runs, and the demo goes on when there is room again',
  async () => {
    const { disk, dir, start } = await given()
    expect(await start([...EMPTY, '--once-ready']).ended).toBe(0)
    await writeFile(join(dir, 'atlas/before.txt'), 'saved before the disk was full\n')

    await disk.fill()
    const demo = start(EMPTY)
    await demo.printed(`The disk or directory at ${dir} is full. Make room there and the demo continues.`)
    expectNoAdviceToRemove(demo)
    await disk.makeRoom()
    // It is tried again after ever longer waits.
    await eventually('it comes up', () => expect(demo.output).toContain(RUNS), LONG)
    await eventually('what was saved is sent', async () => expect(await sentTo(demo)).toContain('before.txt'), LONG)

    await disk.fill()
    // It needs no room for a content: the name is all that is new.
    await writeFile(join(dir, 'atlas/empty.txt'), '')
    await demo.printed('Free some space on that machine; syncing then continues.')
    expectNoAdviceToRemove(demo)
    await disk.makeRoom()
    await eventually('it is sent then', async () => expect(await sentTo(demo)).toContain('empty.txt'), LONG)
  },
  600_000,
)

test.skipIf(why !== undefined)(
  'a disk that can only be read is named, and the next start on a writable one goes on',
  async () => {
    const { disk, dir, start } = await given()
    expect(await start([...EMPTY, '--once-ready']).ended).toBe(0)
    disk.allow('reading')
    const refused = start(EMPTY)
    expect(await refused.ended).toBe(1)
    expect(refused.output).toContain(`The disk or directory at ${dir} can only be read. Make it writable`)
    expectNoAdviceToRemove(refused)
    disk.allow('writing')
    const again = start([...EMPTY, '--once-ready'])
    expect(await again.ended).toBe(0)
    expect(again.output).toContain(RUNS)
  },
  300_000,
)

async function given() {
  const life = testLifetime()
  const disk = await givenSmallDisk(life, join(await scratchDirectory(life, 'causeway-disk'), 'disk'), MEGABYTES)
  const dir = join(disk.dir, 'demo')
  const ports = await freePorts()
  return { disk, dir, start: (args: readonly string[]) => new Demo(life, { dir, ports, args }) }
}

async function sentTo(demo: Demo): Promise<readonly string[]> {
  const { entries } = await get(demo, '/api/v1/folders/demo/entries', BrowseResponseSchema)
  return entries.map(({ path }) => path)
}

function expectNoAdviceToRemove(demo: Demo): void {
  expect(demo.output).not.toMatch(/begin anew|\brm\b|\b(remove|delete) (?!\d+ of)/i)
}
