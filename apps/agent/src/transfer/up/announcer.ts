import { LIMITS, encodeManifest, type ChunkRef, type Coming } from '@causeway/protocol'
import { systemRandom, uuidOf } from '@causeway/time'

/** Tells others of a content under way: the beginning of its chunk list that is durable without a gap. */
export interface Announcer {
  /** The next chunk of the list, durable once `durable` resolves. */
  add(chunk: ChunkRef, durable: Promise<void>): void
}

/** Announces nothing. */
export const SILENT: Announcer = { add: () => undefined }

/** One attempt at sending a content of this size; each attempt has a name of its own. */
export function createAnnouncer(sizeBytes: number, announce: (coming: Coming) => void): Announcer {
  const upload = uuidOf(systemRandom)
  const waiting: { readonly chunk: ChunkRef; isDurable: boolean }[] = []
  let first = 0
  let isDue = false

  function tellDurable(): void {
    isDue = false
    const gap = waiting.findIndex(({ isDurable }) => !isDurable)
    const durable = waiting.splice(0, gap === -1 ? waiting.length : gap).map(({ chunk }) => chunk)
    for (let at = 0; at < durable.length; at += LIMITS.chunksPerRequest) {
      const chunks = durable.slice(at, at + LIMITS.chunksPerRequest)
      announce({ upload, sizeBytes, first, chunks: encodeManifest(chunks) })
      first += chunks.length
    }
  }

  return {
    add(chunk, durable) {
      const entry = { chunk, isDurable: false }
      waiting.push(entry)
      durable.then(
        () => {
          entry.isDurable = true
          // All chunks of one request become durable in the same turn: they are told together.
          if (isDue || waiting[0]?.isDurable !== true) return
          isDue = true
          queueMicrotask(tellDurable)
        },
        () => undefined,
      )
    },
  }
}
