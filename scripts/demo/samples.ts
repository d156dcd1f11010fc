import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beds, lighthouse, sunset } from './pictures.ts'

/**
 * Writes the files that a node brings along: every node others, so that the
 * first sync has something to carry in every direction.
 */
export async function writeSamples(dir: string, node: number): Promise<void> {
  const files = SETS[node % SETS.length] ?? []
  for (const [path, content] of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), content())
  }
}

type Sample = readonly [path: string, content: () => string | Uint8Array]

const WELCOME = `# Welcome

This directory is kept the same on every node of the demo.

- Change this file and save it: it changes in the other directories as well.
- Rename a directory, however large: it is one small change.
- Delete something: it goes everywhere, and stays in the history.
- Change something small in a large file: Delta Sync shows how little crossed.
- Stop everything with Ctrl-C, edit on two sides, start again: no edit is lost. A conflict waits to be looked at.
`

const NOTES = `Things to try

[ ] save a file here and watch it appear next door
[ ] edit the same file in two directories at once
[ ] bring back what you deleted:  bin/causeway history, bin/causeway restore
`

const HARVEST = `month,apples_kg,pears_kg,plums_kg
August,12.5,3.0,41.2
September,88.0,35.5,27.9
October,140.3,61.0,0.0
November,22.1,4.8,0.0
`

const ITINERARY = `Day 1   Over the causeway at low tide
Day 2   Lighthouse, harbour, the long beach
Day 3   Back before the water
`

const PACKING = `boots
a tide table
the good thermos
`

const SETS: readonly (readonly Sample[])[] = [
  [
    ['Welcome.md', () => WELCOME],
    ['Notes/Things to try.txt', () => NOTES],
  ],
  [
    ['Garden/Harvest 2026.csv', () => HARVEST],
    ['Garden/Beds.svg', beds],
  ],
  [
    ['Journey/Itinerary.txt', () => ITINERARY],
    ['Journey/Packing list.txt', () => PACKING],
    ['Journey/Pictures/Sunset.png', () => sunset(640, 360)],
    ['Journey/Pictures/Lighthouse.png', () => lighthouse(640, 360)],
  ],
]
