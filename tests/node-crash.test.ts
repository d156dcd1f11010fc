import { mkdir, open, readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, startFleet, type Fleet } from './support/fleet.ts'
import { testLifetime } from './support/hooks.ts'
import type { SyncNode } from './support/node.ts'

const FILES = 200
const BIG_BYTES = 12 * 1024 * 1024

test(
  'a node killed at many moments of applying never shows a torn file and converges',
  { timeout: 300_000 },
  async () => {
    const fleet = await startFleet(testLifetime())
    const { ash, birch, nodes } = fleet
    await mkdir(ash.path('work'))
    await writeRound(ash, 0)
    await converged(nodes)

    const reader = readUntilStopped(birch)
    for (const [index, momentMs] of [0, 20, 60, 120, 250, 500].entries()) {
      const round = index + 1
      await writeRound(ash, round)
      await eventually('the node begins to apply', async () => expect(await showsRound(birch, round)).toBe(true), {
        everyMs: 2,
      })
      await sleep(momentMs)
      await birch.kill9()
      birch.up()
    }
    await converged(nodes)
    expect(await reader.stop()).toEqual([])
    await expectRound(fleet, 6)
  },
)

/** Every file's content says which round wrote it, in every line. */
function contentOf(name: string, round: number): string {
  const line = `${name} of round ${round}\n`
  const sizeBytes = name === 'big' ? BIG_BYTES : 20_000
  return line.repeat(Math.ceil(sizeBytes / line.length))
}

function names(): string[] {
  return ['big', ...Array.from({ length: FILES }, (_, i) => `file-${i}`)]
}

/**
 * In place and at once, without cutting the file first: an empty file would be
 * a state that a slow machine leaves long enough to be sent.
 */
async function writeRound(node: SyncNode, round: number): Promise<void> {
  for (const name of names()) {
    const file = await open(node.path('work', name), round === 0 ? 'w' : 'r+')
    await file.write(contentOf(name, round))
    await file.close()
  }
}

async function showsRound(node: SyncNode, round: number): Promise<boolean> {
  for (const name of names().slice(0, 20)) {
    const text = await readFile(node.path('work', name), 'utf8').catch(() => '')
    if (text.startsWith(`${name} of round ${round}\n`)) return true
  }
  return false
}

async function expectRound({ nodes }: Fleet, round: number): Promise<void> {
  for (const node of nodes) {
    expect((await readdir(node.path('work'))).sort()).toEqual(names().sort())
    for (const name of names()) {
      // The texts are long: compared first, so that a failure does not print megabytes.
      const text = await readFile(node.path('work', name), 'utf8')
      if (text !== contentOf(name, round)) throw new Error(`${node.name} has another ${name}: ${text.slice(0, 60)}`)
    }
  }
}

/** Reads the files over and over; collects every reading that is no round's content. */
function readUntilStopped(node: SyncNode): { stop: () => Promise<string[]> } {
  const torn: string[] = []
  let stopping = false
  const done = (async () => {
    while (!stopping) {
      for (const name of names()) {
        const text = await readFile(node.path('work', name), 'utf8').catch(
          (error: Error) => `unreadable: ${error.message}`,
        )
        const round = /of round (\d+)\n/.exec(text)?.[1]
        if (round === undefined || text !== contentOf(name, Number(round))) {
          torn.push(`${name}: ${text.length} characters, ${text.slice(0, 80)}`)
        }
        if (stopping) break
      }
      await sleep(1)
    }
  })()
  return {
    stop: async () => {
      stopping = true
      await done
      return torn
    },
  }
}
