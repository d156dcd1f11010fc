import { SyncError, type ChunkId } from '@causeway/protocol'
import type { ChunkSource, ProgressListener } from '../../ports.ts'
import { fetchAhead } from './fetch-ahead.ts'
import type { Assembly } from './assembly.ts'
import type { ChunkTable } from './chunk-table.ts'
import { copyBytes, writeSparsely } from './copy-bytes.ts'
import type { Deltas } from './patch-deltas.ts'
import { RepeatedChunks } from './repeated-chunks.ts'
import type { LocalSources } from './local-sources.ts'
import { createChunkSupplier, type ChunkSupplier } from './chunk-supplier.ts'

/** Where the chunks of a content may come from, the cheapest first. */
export interface Supplies {
  readonly table: ChunkTable
  /** Taken as they are. */
  readonly sources: LocalSources
  /** Chunks that some file here most likely holds: a delta would cost more. */
  readonly atHand: ReadonlySet<ChunkId>
  readonly deltas: Deltas
  /** Where all the rest comes from. */
  readonly chunks: ChunkSource
}

export interface AssembleContext {
  readonly progress: Pick<ProgressListener, 'moved'>
}

/**
 * Writes the chunks that are still to come. If it throws, all that was written
 * is counted in `done`, but for a source that was not what its stat said: what
 * is in the staged file is then of no use, and `chunk-corrupt` says so.
 */
export async function assemble(
  context: AssembleContext,
  assembly: Assembly,
  supplies: Supplies,
  signal: AbortSignal,
): Promise<void> {
  const { table, sources } = supplies
  const { writer } = assembly
  const repeats = new RepeatedChunks(table, assembly.done)
  const supplier = supplierOf(assembly, supplies, repeats)
  const moved = (bytes: number): void => context.progress.moved(bytes)
  /** Bytes that nobody remembers once they are written. */
  let passing: Uint8Array | undefined

  async function chunkAt(index: number): Promise<Uint8Array> {
    const name = repeats.nameOf(index)
    const remembered = name === undefined ? undefined : repeats.take(name)
    if (remembered !== undefined) return remembered
    const bytes = await supplier.take(index)
    if (name === undefined) passing = bytes
    else repeats.keep(name, bytes)
    return bytes
  }

  try {
    while (assembly.done < table.count) {
      signal.throwIfAborted()
      const run = sources.runAt(table, assembly.done)
      if (run !== undefined) {
        await copyBytes(run.source.file, run, writer, moved).catch(sourceFailed)
        assembly.done += run.count
        continue
      }
      const bytes = await chunkAt(assembly.done)
      signal.throwIfAborted()
      await writeSparsely(writer, bytes)
      assembly.done++
      moved(bytes.length)
      if (bytes === passing) supplier.used(bytes)
    }
  } finally {
    await supplier.stop()
  }
}

function supplierOf(assembly: Assembly, supplies: Supplies, repeats: RepeatedChunks): ChunkSupplier {
  const { table, sources, atHand, deltas, chunks } = supplies
  const met = new Set<number>()
  return createChunkSupplier({
    table,
    from: assembly.done,
    isNeeded(index) {
      if (sources.has(table, index)) return false
      const name = repeats.nameOf(index)
      if (name === undefined) return true
      const isFirst = !met.has(name)
      met.add(name)
      return isFirst
    },
    isAtHand: (index) => atHand.has(table.hash(index)),
    deltas,
    queue: fetchAhead({ chunks }),
    fetchOne: (index) => fetchOne(chunks, table, index),
  })
}

function fetchOne(chunks: ChunkSource, table: ChunkTable, index: number): Promise<Uint8Array> {
  const queue = fetchAhead({ chunks })
  queue.add(table.chunk(index))
  return queue.take(table.chunk(index))
}

/** A disk that is full stays full; a file that ended early was not what its stat said. */
function sourceFailed(cause: unknown): never {
  if (cause instanceof SyncError && cause.code === 'io-error') {
    throw new SyncError('chunk-corrupt', `a file here could not be copied from: ${cause.message}`, { cause })
  }
  throw cause
}
