import { isSyncError, SyncError, type FileContent } from '@causeway/protocol'
import type { Files, StagedFile, StagingFile } from '@causeway/replica'
import type { HashingWriter, HashingWriters } from './hashing-writer.ts'
import type { Leftovers } from './leftovers.ts'

/** A staged file that is being put together, in order, and how far it has come. */
export interface Assembly {
  readonly staging: StagingFile
  readonly writer: HashingWriter
  /** Chunks that are written and hashed. */
  done: number
}

/** Begins a staged file, for which leftovers make room if they must. */
export async function beginAssembly(
  { files, writers, leftovers }: { files: Files; writers: HashingWriters; leftovers: Leftovers },
  sizeBytes: number,
): Promise<Assembly> {
  const staging = await files.stage(sizeBytes).catch(async (error: unknown) => {
    if (isSyncError(error, 'disk-full') && (await leftovers.discardAll())) return files.stage(sizeBytes)
    throw error
  })
  return { staging, writer: writers.open(staging, sizeBytes), done: 0 }
}

/** Checks the whole and closes the staged file. Throws `chunk-corrupt`; nothing is to be placed then. */
export async function finishAssembly({ staging, writer }: Assembly, content: FileContent): Promise<StagedFile> {
  const hash = await writer.hash()
  await writer.close()
  if (hash !== content.hash) {
    throw new SyncError('chunk-corrupt', `the chunks of ${content.hash} make up another content, ${hash}`)
  }
  return staging.finish({ mode: content.mode, mtimeNs: BigInt(content.mtimeNs) })
}

/** Removes what was written. Safe to call more than once. */
export async function discardAssembly({ staging, writer }: Assembly): Promise<void> {
  await writer.close()
  await staging.discard()
}
