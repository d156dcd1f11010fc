import { createHash } from 'node:crypto'
import type { ContentHash } from '@causeway/protocol'
import type { StagingFile } from '@causeway/replica'

/**
 * Appends to a staged file and takes the SHA-256 of all of it as it is
 * written. Whoever finishes, keeps or discards the staged file closes the
 * writer first; the file is its user's until then.
 */
export interface HashingWriter {
  /**
   * Appends bytes, which may be used again when this resolves: that is when
   * there is room for more, not when they are written. Throws what an earlier
   * write failed with (`disk-full`, `io-error`), and then every time.
   */
  write(bytes: Uint8Array): Promise<void>
  /** Memory to read the next bytes into: what is appended from there is not copied. */
  lend(): LentBytes
  /** The same for this many zeros (gigabytes, at times), which `StagingFile.skip` leaves unwritten. */
  skip(sizeBytes: number): Promise<void>
  /** Waits until all is written: the hash of all bytes so far. More may follow. Throws as `write` does. */
  hash(): Promise<ContentHash>
  /** Ends it, once nothing writes to the file any more. Safe to call more than once; never fails. */
  close(): Promise<void>
}

/** Some memory of a writer's. Whoever has it fills it, appends parts of it in order, and releases it then. */
export interface LentBytes {
  readonly bytes: Uint8Array
  /** As `HashingWriter.write`. */
  append(from: number, to: number): Promise<void>
  release(): void
}

/** Makes the writer of a staged file that is empty so far and of which this many bytes are expected. */
export interface HashingWriters {
  open(staging: StagingFile, sizeBytes: number): HashingWriter
}

const ZEROS = new Uint8Array(1024 * 1024)
const LENT_BYTES = 1024 * 1024

/** Writes and hashes in this thread. */
export const INLINE_WRITERS: HashingWriters = { open: openInline }

function openInline(staging: StagingFile): HashingWriter {
  const whole = createHash('sha256')
  const free: Uint8Array[] = []
  let failure: { error: unknown } | undefined

  async function write(bytes: Uint8Array): Promise<void> {
    if (failure !== undefined) throw failure.error
    try {
      await staging.write(bytes)
      whole.update(bytes)
    } catch (error) {
      failure = { error }
      throw error
    }
  }

  return {
    write,
    lend() {
      const bytes = free.pop() ?? Buffer.allocUnsafeSlow(LENT_BYTES)
      return {
        bytes,
        append: (from, to) => write(bytes.subarray(from, to)),
        release: () => void free.push(bytes),
      }
    },
    async skip(sizeBytes) {
      if (failure !== undefined) throw failure.error
      await staging.skip(sizeBytes)
      for (let left = sizeBytes; left > 0; left -= ZEROS.length) whole.update(ZEROS.subarray(0, left))
    },
    async hash() {
      if (failure !== undefined) throw failure.error
      return whole.copy().digest('hex') as ContentHash
    },
    async close() {},
  }
}
