import { createHashWorkers, type HashWorkers } from '@causeway/packing'
import type { ContentReader } from './up/content-reader.ts'
import type { HashingWriters } from './down/hashing-writer.ts'
import { createThreadedReader } from './up/threaded-reader.ts'
import { createThreadedWriters } from './down/threaded-writer.ts'

/** What reads, writes and hashes the large files of all folders of a node. */
export interface TransferThreads {
  readonly reader: ContentReader
  readonly writers: HashingWriters
  readonly hashing: HashWorkers
  /** Ends the threads; what is under way fails. */
  close(): Promise<void>
}

/** Threads start with the first large file and end soon after the last. */
export function createTransferThreads(): TransferThreads {
  const workers = createHashWorkers()
  return {
    reader: createThreadedReader(workers),
    writers: createThreadedWriters(workers),
    hashing: workers,
    close: () => workers.close(),
  }
}
