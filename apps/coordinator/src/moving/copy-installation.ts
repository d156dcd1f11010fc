import {
  compareChunks,
  compareMetadata,
  copyChunks,
  copyMetadata,
  COPYING,
  digestTable,
  measureChunks,
  stampOf,
  tablesToCopy,
  type DamagedChunk,
  type MetadataReader,
  type TableDigest,
} from '@causeway/store'
import { MOVED_SETTING } from '../stores/moved.ts'
import { PACKS_SETTING } from '../upkeep/pack-watch.ts'
import type { Source } from './open-source.ts'
import type { Target } from './open-target.ts'
import type { Progress } from './progress.ts'

/** What there is to copy. */
export interface Measured {
  readonly rows: number
  readonly folders: number
  readonly files: number
  readonly versions: number
  readonly chunks: number
  readonly chunkBytes: number
}

export interface Copied extends Measured {
  readonly tables: ReadonlyMap<string, TableDigest>
  /** Chunks that the source holds only damaged, or not at all: the copy asks nodes for them. */
  readonly damaged: readonly DamagedChunk[]
  /** What the source held: to tell whether somebody has written to it since. */
  readonly stamp: string
}

interface Copying {
  /** One snapshot of the source. */
  readonly tx: MetadataReader
  readonly source: Source
  readonly target: Target
  readonly progress: Progress
}

/** Settings that say what became of a database, and which packs are its own where those do not stay. */
export function leftBehind(withPacks: boolean): ReadonlySet<string> {
  return new Set([COPYING, MOVED_SETTING, ...(withPacks ? [PACKS_SETTING] : [])])
}

export async function measure(tx: MetadataReader, withPacks: boolean): Promise<Measured> {
  let rows = 0
  const counts = new Map<string, number>()
  for (const table of tablesToCopy({ withPlaces: !withPacks })) {
    const { rows: here } = await digestTable(tx, table, leftBehind(withPacks))
    counts.set(table, here)
    rows += here
  }
  const folders = await tx.folders()
  let files = 0
  for (const { id } of folders) files += (await tx.counts(id)).files
  const { chunks, bytes } = await measureChunks(tx)
  return { rows, folders: folders.length, files, versions: counts.get('versions') ?? 0, chunks, chunkBytes: bytes }
}

/**
 * Copies everything into a place where a copy may have been cut short before, and compares it row by row and chunk by
 * chunk. The copy stays marked as unfinished until `finish`.
 */
export async function copyInstallation(copying: Copying): Promise<Copied> {
  const { tx, source, target, progress } = copying
  const withPacks = target.packs !== null
  const measured = await measure(tx, withPacks)
  const leaves = leftBehind(withPacks)
  const tables = tablesToCopy({ withPlaces: !withPacks })
  const given = { from: tx, to: target.metadata, tables, leaves, copied: (rows: number) => progress.add(rows) }

  progress.begin('copying the database', measured.rows, 'rows')
  await copyMetadata(given)
  // Before the chunks: what of them can't be copied is noted as lost in a table that is compared.
  progress.begin('comparing the database', measured.rows, 'rows')
  const lossless = { ...given, tables: tables.filter((table) => table !== 'lost_chunks') }
  const compared = await compareMetadata(lossless)

  let damaged: readonly DamagedChunk[] = []
  if (target.packs !== null) {
    const chunks = {
      from: { metadata: tx, packs: source.packs },
      to: { metadata: target.metadata, packs: target.packs },
      copied: (bytes: number) => progress.add(bytes),
    }
    progress.begin('copying contents', measured.chunkBytes, 'bytes')
    damaged = await copyChunks(chunks)
    progress.begin('reading contents back', measured.chunkBytes, 'bytes')
    await compareChunks(chunks)
  }
  return { ...measured, tables: compared, damaged, stamp: await stampOf(tx, leaves) }
}

/** From now on the copy may be served. `marked` says what else is noted in it. */
export async function finish(
  target: Target,
  marked: readonly (readonly [key: string, value: string])[],
): Promise<void> {
  const packsId = await target.bindPacks()
  await target.metadata.write(async (tx) => {
    if (packsId !== null) await tx.putSetting(PACKS_SETTING, packsId)
    for (const [key, value] of marked) await tx.putSetting(key, value)
    await tx.putSetting(COPYING, '')
  })
}
