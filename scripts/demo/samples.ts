import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

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
- Stop everything with Ctrl-C, edit on two sides, start again: no edit is lost.
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
    ['Garden/Plans/.keep', () => ''],
  ],
  [
    ['Journey/Itinerary.txt', () => ITINERARY],
    ['Journey/Packing list.txt', () => PACKING],
    ['Journey/Pictures/Sunset.png', () => sunset(640, 360)],
  ],
]

/** A picture made in code: a low sun over water, as a PNG. */
function sunset(width: number, height: number): Uint8Array {
  const horizon = Math.round(height * 0.62)
  const sun = { x: width * 0.5, y: horizon - height * 0.06, radius: height * 0.16 }
  const pixels = Buffer.alloc((width * 3 + 1) * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Every row begins with its filter's number; 0 is none.
      pixels.set(y < horizon ? skyAt(x, y) : waterAt(x, y), y * (width * 3 + 1) + 1 + x * 3)
    }
  }
  return png(width, height, pixels)

  function skyAt(x: number, y: number): number[] {
    const distance = Math.hypot(x - sun.x, y - sun.y)
    if (distance < sun.radius) return [255, 236, 179]
    const glow = Math.exp(-(distance - sun.radius) / (height * 0.35))
    return mix([38, 50, 110], [255, 138, 76], Math.max(y / horizon - 0.15, glow))
  }

  function waterAt(x: number, y: number): number[] {
    const depth = (y - horizon) / (height - horizon)
    const ripple = Math.sin(y * 1.7 + Math.sin(x * 0.05) * 2) * 0.5 + 0.5
    const reflection = Math.max(0, 1 - Math.abs(x - sun.x) / (sun.radius * (1 + depth * 1.5))) * ripple
    return mix([18, 40, 78], [255, 196, 120], reflection * (1 - depth * 0.6))
  }
}

function mix(from: readonly number[], to: readonly number[], share: number): number[] {
  const clamped = Math.min(Math.max(share, 0), 1)
  return from.map((value, index) => Math.round(value + ((to[index] ?? 0) - value) * clamped))
}

function png(width: number, height: number, rows: Uint8Array): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits a channel, red green blue, no interlacing.
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    block('IHDR', header),
    block('IDAT', deflateSync(rows)),
    block('IEND', Buffer.alloc(0)),
  ])
}

function block(type: string, data: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, checksum])
}
