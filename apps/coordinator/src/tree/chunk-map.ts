import { spliceParts } from '@causeway/engine'
import {
  decodeManifest,
  LIMITS,
  singleChunkManifest,
  SyncError,
  type ChunkId,
  type ChunkMap,
  type ChunkRun,
  type FileContent,
  type FolderId,
  type Manifest,
} from '@causeway/protocol'
import type { MetadataReader, VersionRow } from '@causeway/store'
import { pathsOf } from '@causeway/log'
import type { Context } from '../ports/context.ts'
import { drawnTogether } from './chunk-runs.ts'
import { heaviestIncreasing, type TakenRun } from './heaviest-increasing-subsequence.ts'

export interface ChunkMaps {
  /** How a version's content follows from the one before. Throws `not-found`, `bad-request` for what is no file, `too-large`. */
  of(folder: FolderId, seq: number): Promise<ChunkMap>
}

/** Looking through longer lists would hold up everybody else. */
const MOST_CHUNKS = 100_000
const MOST_RUNS = LIMITS.runsPerChunkMap
const VERSIONS_A_LOOK = 100
const MOST_LOOKS = 20

export function createChunkMaps({ metadata }: Pick<Context, 'metadata'>): ChunkMaps {
  return {
    async of(folder, seq) {
      const { version, content, before, next, previous, path } = await metadata.read(async (tx) => {
        const version = await tx.version(folder, seq)
        if (version === undefined)
          throw new SyncError('not-found', `${folder} has no version ${seq}, or keeps it no longer`)
        const { content } = version.state
        if (content.kind !== 'file') throw new SyncError('bad-request', `version ${seq} is a ${content.kind}`)
        const before = await contentBefore(tx, version, content)
        const next = await listOf(tx, content)
        const previous = before === undefined ? [] : await listOf(tx, before.content)
        const path = (await pathsOf(tx, folder, [version.state])).get(version.entry) ?? version.state.name
        return { version, content, before, next, previous, path }
      })
      const runs = chunkRuns(previous, next)
      return {
        seq,
        entry: version.entry,
        path,
        sizeBytes: content.size,
        chunks: next.length,
        previous: before ? { seq: before.seq, sizeBytes: before.content.size, chunks: previous.length } : null,
        totals: totalsOf(runs),
        runs: drawnTogether(runs, MOST_RUNS),
      }
    },
  }
}

/** Each chunk of `next`, with where it comes from, seen from `previous`. */
export function chunkRuns(previous: Manifest, next: Manifest): ChunkRun[] {
  const offsets = offsetsOf(next)
  const previousOffsets = offsetsOf(previous)
  const taken = takenRuns(previous, next)
  const kept = heaviestIncreasing(taken)
  const runs: ChunkRun[] = []
  const seen = new Set<ChunkId>()
  const put = (source: ChunkRun['source'], from: number | null): void => {
    const at = runs.length
    runs.push({ offset: offsets[at] ?? 0, size: next[at]?.size ?? 1, chunks: 1, source, from })
  }

  /** New chunks up to a position, between what stayed on either side: they stand for what lay there before. */
  function putNew(end: number, gap: { readonly from: number; readonly to: number }): void {
    while (runs.length < end) {
      const hash = next[runs.length]?.hash
      const isRepeated = hash !== undefined && seen.has(hash)
      if (hash !== undefined) seen.add(hash)
      if (isRepeated) put('repeated', null)
      else if (gap.to > gap.from) put('edited', previousOffsets[gap.from] ?? null)
      else put('new', null)
    }
  }

  const stayed = [...kept].toSorted((a, b) => a.to - b.to)
  let below = 0
  let gap = { from: 0, to: stayed[0]?.from ?? previous.length }
  for (const run of taken) {
    putNew(run.to, gap)
    const source = kept.has(run) ? 'reused' : 'moved'
    for (let index = 0; index < run.count; index++) put(source, previousOffsets[run.from + index] ?? null)
    if (source === 'reused') gap = { from: run.from + run.count, to: stayed[++below]?.from ?? previous.length }
  }
  putNew(next.length, gap)
  return runs
}

/** What `next` takes over from `previous`, with the bytes that each stretch of it holds. */
function takenRuns(previous: Manifest, next: Manifest): TakenRun[] {
  let to = 0
  return spliceParts(previous, next).flatMap((part) => {
    const count = part instanceof Uint8Array ? part.length / RECORD_BYTES : part[1]
    const begin = to
    to += count
    if (part instanceof Uint8Array) return []
    const bytes = next.slice(begin, to).reduce((sum, { size }) => sum + size, 0)
    return [{ from: part[0], to: begin, count, bytes }]
  })
}

function totalsOf(runs: readonly ChunkRun[]): ChunkMap['totals'] {
  const none = () => ({ chunks: 0, bytes: 0 })
  const totals = { reused: none(), moved: none(), edited: none(), new: none(), repeated: none() }
  for (const { source, chunks, size } of runs) {
    if (source === 'mixed') continue
    totals[source].chunks += chunks
    totals[source].bytes += size
  }
  return totals
}

interface Before {
  readonly seq: number
  readonly content: FileContent
}

/** The newest version before with another content; renames and deletes in between do not count. */
async function contentBefore(
  tx: MetadataReader,
  { folder, entry, seq }: VersionRow,
  content: FileContent,
): Promise<Before | undefined> {
  let before = seq
  for (let look = 0; look < MOST_LOOKS; look++) {
    const rows = await tx.versions(folder, entry, { before, limit: VERSIONS_A_LOOK })
    for (const row of rows) {
      const found = row.state.content
      if (found.kind === 'file' && found.hash !== content.hash) return { seq: row.seq, content: found }
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < VERSIONS_A_LOOK) return undefined
    before = last.seq
  }
  return undefined
}

async function listOf(tx: MetadataReader, { hash, size }: FileContent): Promise<Manifest> {
  const encoded = await tx.manifest(hash)
  if (encoded === undefined) return singleChunkManifest(hash, size)
  if (encoded.length / RECORD_BYTES > MOST_CHUNKS) {
    throw new SyncError('too-large', `${hash} has more than ${MOST_CHUNKS} chunks: its chunk map is not drawn`)
  }
  return decodeManifest(encoded)
}

const RECORD_BYTES = 36

function offsetsOf(list: Manifest): Float64Array {
  const offsets = new Float64Array(list.length + 1)
  list.forEach((chunk, at) => (offsets[at + 1] = (offsets[at] ?? 0) + chunk.size))
  return offsets
}
