import { LIMITS, type Delta, type ChunkId } from '@causeway/protocol'
import type { UploadContext } from './upload-context.ts'

/** The deltas of one upload on their way: few of them wait for the commit, many go ahead of it. */
export interface DeltaOutbox {
  /** Hands one over; waits while too much is under way. Throws what an earlier one failed with. */
  add(delta: Delta): Promise<void>
  /** Resolves, once those that went ahead are durable, to those that are to be told with the patch. */
  done(): Promise<readonly Delta[]>
}

export interface DeltaOutboxEvents {
  /** The coordinator could not rebuild a chunk. */
  sendWhole(hash: ChunkId): Promise<void>
  /** A delta was not what it said, or its base is not. */
  onWrong(): Promise<void>
}

const REQUEST_BYTES = 4 * 1024 * 1024
const REQUESTS_UNDER_WAY = 3
/** What a delta takes beside its bytes: names, lengths, two hashes. */
const DELTA_HEAD_BYTES = 160

export function createDeltaOutbox(
  { link, folder }: Pick<UploadContext, 'link' | 'folder'>,
  inlineBytes: number,
  events: DeltaOutboxEvents,
): DeltaOutbox {
  const underWay = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  let waiting: Delta[] = []
  let waitingBytes = 0
  let goesAhead = inlineBytes <= 0

  async function send(deltas: readonly Delta[]): Promise<void> {
    const rejected = await link.sendDeltas(folder, deltas)
    if (rejected.length > 0) await events.onWrong()
    for (const hash of rejected) await events.sendWhole(hash)
  }

  function sendWaiting(): void {
    if (waiting.length === 0) return
    const request: Promise<void> = send(waiting)
      .catch((error: unknown) => void (failure ??= { error }))
      .finally(() => underWay.delete(request))
    underWay.add(request)
    waiting = []
    waitingBytes = 0
  }

  return {
    async add(delta) {
      const bytes = delta.bytes.length + delta.chunks.length + DELTA_HEAD_BYTES
      if (waiting.length >= LIMITS.deltasPerMessage || (waiting.length > 0 && waitingBytes + bytes > REQUEST_BYTES)) {
        goesAhead = true
        sendWaiting()
      }
      waiting.push(delta)
      waitingBytes += bytes
      goesAhead ||= waitingBytes > inlineBytes
      while (underWay.size >= REQUESTS_UNDER_WAY) await Promise.race(underWay)
      if (failure !== undefined) throw failure.error
    },
    async done() {
      if (goesAhead) sendWaiting()
      await Promise.all(underWay)
      if (failure !== undefined) throw failure.error
      return waiting
    },
  }
}
