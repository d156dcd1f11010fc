/**
 * `node bench/chunk-sizes.ts`: what an edit costs with chunks of several sizes, for files of several kinds.
 *
 * Nothing is sent. Counted are the bytes that each way of telling the edit needs, without the overhead of messages:
 * chunks alone (new ones, compressed where that pays), deltas made with the old bytes at hand (their regions guessed
 * from the chunk lists, or found by anchors), deltas made from signatures (both directions), and how the chunk list
 * changed; beside them, what a sync of fixed blocks of 128 KiB would send: the changed ones, compressed where that
 * pays. CPU time is that of cutting and hashing the new file, and of making the guessed deltas.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  chunkLengths,
  copiesAgainst,
  createAnchorSampler,
  newStretches,
  planDeltas,
  signatureBlockBytes,
  signBlocks,
  spliceParts,
  type Anchors,
  type ChunkerProfile,
  type NewStretch,
} from '@causeway/engine'
import { packChunk, packCopies, packDelta } from '@causeway/packing'
import { ChunkIdSchema, encode, encodeManifest, type Manifest } from '@causeway/protocol'
import { hash } from 'node:crypto'
import { changedBlocks } from './support/changed-blocks.ts'
import { editedCorpora, type Edited } from './support/edited-corpora.ts'

const KIB = 1024
const PROFILES: readonly ChunkerProfile[] = [
  { name: '16 KiB', minBytes: 4 * KIB, averageBytes: 16 * KIB, maxBytes: 64 * KIB },
  { name: '64 KiB', minBytes: 16 * KIB, averageBytes: 64 * KIB, maxBytes: 256 * KIB },
  { name: '256 KiB', minBytes: 64 * KIB, averageBytes: 256 * KIB, maxBytes: 1024 * KIB },
]

const FIXED_BLOCK_BYTES = 128 * KIB

interface Cost {
  readonly list: number
  readonly splice: number
  readonly chunks: number
  readonly deltas: number
  readonly planned: number
  readonly signatures: number
  /** Whatever the chunks' size. */
  readonly fixed: number
  readonly cutMs: number
  readonly deltaMs: number
}

const room = await mkdtemp(join(tmpdir(), 'causeway-chunk-sizes-'))
try {
  print(
    'file',
    'chunks of',
    'MB',
    'list',
    'splice',
    'chunks alone',
    'deltas',
    'by anchors',
    'by signature',
    'fixed blocks',
    'cut ms',
    'delta ms',
  )
  print(...Array<string>(12).fill('---'))
  const leaveOut = (name: string, reason: string) => process.stderr.write(`left out: ${name}: ${reason}\n`)
  for (const edited of editedCorpora(room, leaveOut)) {
    const fixed = await fixedBlocksBytes(edited)
    for (const profile of PROFILES) report(edited, profile, { ...(await costOf(edited, profile)), fixed })
  }
} finally {
  await rm(room, { recursive: true, force: true })
}

async function costOf({ before, after }: Edited, profile: ChunkerProfile): Promise<Omit<Cost, 'fixed'>> {
  const base = manifestOf(before, profile)
  const start = cpuMs()
  const next = manifestOf(after, profile)
  const cut = cpuMs()
  const deltaBytes = async (stretches: readonly NewStretch[]): Promise<number> => {
    let sum = 0
    for (const stretch of stretches) {
      sum += Math.min(await dictionaryBytes(before, after, stretch), await chunkBytes(after, next, stretch))
    }
    return sum
  }
  const deltas = await deltaBytes(newStretches(base, next))
  const end = cpuMs()
  const anchors = { base: anchorsOf(before), next: anchorsOf(after) }
  const planned = await deltaBytes(planDeltas(base, next, anchors))
  let chunks = 0
  let signatures = 0
  for (const stretch of newStretches(base, next, { slackBytes: 0 })) {
    const whole = await chunkBytes(after, next, stretch)
    chunks += whole
    signatures += Math.min(await signatureBytes(before, after, stretch), whole)
  }
  return {
    list: encodeManifest(next).length,
    splice: encode(spliceParts(base, next)).length,
    chunks,
    deltas,
    planned,
    signatures,
    cutMs: cut - start,
    deltaMs: end - cut,
  }
}

function manifestOf(bytes: Uint8Array, profile: ChunkerProfile): Manifest {
  let at = 0
  return chunkLengths(bytes, profile).map((size) => {
    const name = ChunkIdSchema.parse(hash('sha256', bytes.subarray(at, at + size)))
    at += size
    return { hash: name, size }
  })
}

function anchorsOf(bytes: Uint8Array): Anchors {
  const sampler = createAnchorSampler()
  sampler.push(bytes)
  return sampler.anchors()
}

async function chunkBytes(after: Uint8Array, next: Manifest, { first, count, offset }: NewStretch): Promise<number> {
  let sum = 0
  let at = offset
  for (const { hash: name, size } of next.slice(first, first + count)) {
    sum += (await packChunk({ hash: name, bytes: after.subarray(at, at + size) })).bytes.length
    at += size
  }
  return sum
}

async function fixedBlocksBytes({ before, after }: Edited): Promise<number> {
  let sum = 0
  for (const bytes of changedBlocks(before, after, FIXED_BLOCK_BYTES)) {
    sum += (await packChunk({ hash: ChunkIdSchema.parse(hash('sha256', bytes)), bytes })).bytes.length
  }
  return sum
}

async function dictionaryBytes(before: Uint8Array, after: Uint8Array, stretch: NewStretch): Promise<number> {
  return (await packDelta(regionOf(before, stretch), bytesOf(after, stretch))).length
}

async function signatureBytes(before: Uint8Array, after: Uint8Array, stretch: NewStretch): Promise<number> {
  const region = regionOf(before, stretch)
  const blockBytes = signatureBlockBytes(region.length)
  const signature = signBlocks(region, blockBytes)
  const copies = await packCopies(copiesAgainst(signature, blockBytes, region.length, bytesOf(after, stretch)))
  return signature.length + copies.bytes.length
}

function regionOf(before: Uint8Array, { region }: NewStretch): Uint8Array {
  return region === null ? new Uint8Array() : before.subarray(region.offset, region.offset + region.length)
}

function bytesOf(after: Uint8Array, { offset, sizeBytes }: NewStretch): Uint8Array {
  return after.subarray(offset, offset + sizeBytes)
}

function report({ name, after }: Edited, profile: ChunkerProfile, cost: Cost): void {
  const bytes = [cost.list, cost.splice, cost.chunks, cost.deltas, cost.planned, cost.signatures, cost.fixed].map((n) =>
    n.toLocaleString('en'),
  )
  print(name, profile.name, (after.length / 1e6).toFixed(1), ...bytes, cost.cutMs.toFixed(0), cost.deltaMs.toFixed(0))
}

function print(...cells: readonly string[]): void {
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
