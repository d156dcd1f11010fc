import { chunksIn, lostPacks, readBack, type MetadataStore, type PackStore } from '@causeway/store'
import type { Timer, Timers } from '@causeway/time'
import type { Log } from '@causeway/log'
import type { Repair } from '@causeway/contents'

/** Looks now and then whether the packs are all there. */
export interface PackWatch {
  /**
   * Packs that are gone are damage: nodes are asked for what lay in them. Packs
   * that nobody knew of, or that came back, are read into the index.
   */
  look(): Promise<void>
  /** What a person should know of the packs, in plain words; empty where all is well. */
  problems(): readonly string[]
  /** False where the packs are not where they were. */
  isInPlace(): Promise<boolean>
  start(): void
  stop(): Promise<void>
}

/** Where the database keeps the name of the packs that belong to it. */
export const PACKS_SETTING = 'packs'

const EVERY_MS = 30_000

export function createPackWatch(options: {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly repair: Pick<Repair, 'found'>
  readonly log: Log
  readonly timers: Timers
}): PackWatch {
  const { metadata, packs, repair, log, timers } = options
  const stopping = new AbortController()
  const { signal } = stopping
  let timer: Timer | undefined
  let running: Promise<void> = Promise.resolve()
  let misplaced: string | undefined

  function tell(problem: string | undefined): void {
    if (problem !== undefined && problem !== misplaced) log.error({ problem }, 'something is wrong with the packs')
    misplaced = problem
  }

  async function lookNow(): Promise<void> {
    if (!(await packs.isInPlace())) return tell(AWAY)
    const [own, found] = [await metadata.read((tx) => tx.setting(PACKS_SETTING)), await packs.identity()]
    if (own !== undefined && found !== null && own !== found) return tell(OTHERS)
    tell(undefined)
    // Removed with the packs: whoever starts next must know whose directory this is.
    if (own !== undefined && found === null) await packs.setIdentity(own)
    const back = await readBack({ metadata, packs, signal, what: 'new' })
    if (back.chunks > 0) log.warn(back, 'read packs into the index that it did not know of')
    await takeLost()
  }

  async function takeLost(): Promise<void> {
    const lost = await lostPacks(metadata, packs)
    if (lost.length === 0) return
    log.error({ packs: lost }, 'packs are gone: nodes that hold what lay in them are asked for it')
    for await (const chunks of chunksIn(metadata, lost)) {
      signal.throwIfAborted()
      await repair.found(chunks)
    }
    await packs.letGo(lost)
    await metadata.write((tx) => tx.losePacks(lost))
  }

  function look(): Promise<void> {
    running = running.then(lookNow, lookNow)
    return running
  }

  function schedule(): void {
    const lookAgain = () => {
      look()
        .catch((error: unknown) => {
          if (!signal.aborted) log.error({ err: error }, 'could not look whether the packs are all there')
        })
        .finally(() => {
          if (!signal.aborted) schedule()
        })
    }
    timer = timers.after(EVERY_MS, lookAgain).unref()
  }

  return {
    look,
    problems: () => [...(misplaced === undefined ? [] : [misplaced]), ...packs.failures],
    isInPlace: () => packs.isInPlace(),
    start: schedule,
    async stop() {
      stopping.abort()
      timer?.cancel()
      await running.catch(() => undefined)
    },
  }
}

const AWAY =
  'the pack directory is not where it was, as if its disk were not mounted: contents can be neither read nor stored until it is back'
const OTHERS =
  'the pack directory now holds the packs of another installation: put back the one that was there, and start again'
