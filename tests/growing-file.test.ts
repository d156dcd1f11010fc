import { appendFile, mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import { sha256Of } from './support/tree.ts'

const fleet = shared(startFleet)

/*
 * What is promised while a program writes: another node shows a content that
 * the file really had when it was read whole, never parts of two. A program
 * that pauses half-way with the file closed leaves a state that nobody can
 * tell from a finished one: it is sent, and the next states follow.
 */

test('a log that grows while it is watched only ever shows whole records elsewhere', { timeout: 60_000 }, async () => {
  const { ash, birch } = fleet()
  await mkdir(ash.path('log'))
  await writeFile(ash.path('log/app.log'), '')
  await expectEverywhere(fleet(), 'log', { 'app.log': '' })

  const seen = readUntilStopped(birch.path('log/app.log'))
  let written = ''
  for (let i = 0; i < 40; i++) {
    const record = `record ${i}\n`
    written += record
    await appendFile(ash.path('log/app.log'), record)
    await sleep(50)
  }
  await expectEverywhere(fleet(), 'log', { 'app.log': `sha256:${await sha256Of(ash.path('log/app.log'))}` })
  for (const text of await seen.stop()) {
    expect(written.startsWith(text)).toBe(true)
    expect(text === '' || text.endsWith('\n')).toBe(true)
  }
})

test(
  'a file rewritten in place in steps, held open, is only ever shown old or new elsewhere',
  { timeout: 60_000 },
  async () => {
    const { ash, birch } = fleet()
    const [blocks, blockBytes] = [20, 1024 * 1024]
    await mkdir(ash.path('steps'))
    await writeFile(ash.path('steps/disk.img'), Buffer.alloc(blocks * blockBytes, 'o'))
    const old = await sha256Of(ash.path('steps/disk.img'))
    await expectEverywhere(fleet(), 'steps', { 'disk.img': `sha256:${old}` })

    const seen = readUntilStopped(birch.path('steps/disk.img'), 50)
    const file = await open(ash.path('steps/disk.img'), 'r+')
    for (let block = 0; block < blocks; block++) {
      await file.write(Buffer.alloc(blockBytes, 'n'), 0, blockBytes, block * blockBytes)
      await sleep(100)
    }
    await file.close()
    await expectEverywhere(fleet(), 'steps', { 'disk.img': `sha256:${await sha256Of(ash.path('steps/disk.img'))}` })
    const shown = (await seen.stop()).map(
      (text) => `${text.length} bytes: ${/^o*$/.test(text) ? 'old' : /^n*$/.test(text) ? 'new' : 'mixed'}`,
    )
    const total = blocks * blockBytes
    expect(shown.filter((one) => one !== `${total} bytes: old` && one !== `${total} bytes: new`)).toEqual([])
  },
)

/** Reads a file over and over; keeps each different content that was seen. */
function readUntilStopped(path: string, everyMs = 5): { stop: () => Promise<string[]> } {
  const seen = new Set<string>()
  let stopping = false
  const done = (async () => {
    while (!stopping) {
      seen.add(await readFile(path, 'latin1').catch(() => ''))
      await sleep(everyMs)
    }
  })()
  return {
    stop: async () => {
      stopping = true
      await done
      return [...seen]
    },
  }
}
