import type { ChunkId, Manifest } from '@causeway/protocol'

/**
 * Finds out, by few questions, whether the coordinator holds a content whose
 * chunks become known one after the other: it asks about the first ones, then
 * ever more seldom, and about the last ones.
 */
export interface ContentProbe {
  /** `unknown` until the first answer; `lacking` once any chunk lacks. */
  readonly state: 'unknown' | 'held' | 'lacking'
  /** Called with the list as it grows: may ask, and does not wait. */
  take(manifest: Manifest): void
  /** Waits for what was asked, if anything was. Throws what the question failed with. */
  answered(): Promise<void>
  /** Asks about the end of the whole list and waits. An empty list is not held. */
  end(manifest: Manifest): Promise<void>
}

const ASKED_CHUNKS = 4
const EVER_MORE_SELDOM = 8

export function createContentProbe(missing: (hashes: readonly ChunkId[]) => Promise<readonly ChunkId[]>): ContentProbe {
  let state: ContentProbe['state'] = 'unknown'
  let nextAt = ASKED_CHUNKS
  let question: Promise<void> = Promise.resolve()

  function ask(manifest: Manifest): void {
    const hashes = new Set(manifest.slice(-ASKED_CHUNKS).map(({ hash }) => hash))
    question = Promise.all([question, missing([...hashes])]).then(([, lacking]) => {
      if (state !== 'lacking') state = lacking.length > 0 ? 'lacking' : 'held'
    })
    // Told of when somebody waits for it.
    question.catch(() => undefined)
  }

  return {
    get state() {
      return state
    },
    take(manifest) {
      if (state === 'lacking' || manifest.length < nextAt) return
      nextAt *= EVER_MORE_SELDOM
      ask(manifest)
    },
    answered: () => question,
    async end(manifest) {
      if (manifest.length === 0) state = 'lacking'
      else if (state !== 'lacking') ask(manifest)
      await question
    },
  }
}
