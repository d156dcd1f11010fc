import { chunksIn, lostPacks, readBack, type MetadataStore, type PackStore } from '@causeway/store'
import type { Clock, Timer, Timers } from '@causeway/time'
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
/** A list of all objects of a store costs a request a thousand. */
const EVERY_SHARED_MS = 15 * 60_000

export function createPackWatch(options: {
  readonly metadata: MetadataStore
  readonly packs: PackStore
  readonly repair: Pick<Repair, 'found'>
  readonly log: Log
  readonly timers: Timers
  readonly clock: Clock
}): PackWatch {
  const { metadata, packs, repair, log, timers, clock } = options
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
    if (!(await packs.isInPlace())) return tell(packs.isShared ? AWAY.store : AWAY.directory)
    const [own, found] = [await metadata.read((tx) => tx.setting(PACKS_SETTING)), await packs.identity()]
    if (own !== undefined && found !== null && own !== found)
      return tell(packs.isShared ? OTHERS.store : OTHERS.directory)
    tell(undefined)
    // Removed with the packs: whoever starts next must know whose directory this is.
    if (own !== undefined && found === null) await packs.setIdentity(own)
    const back = await readBack({ metadata, packs, signal, now: () => clock.now(), what: 'new' })
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
    timer = timers.after(packs.isShared ? EVERY_SHARED_MS : EVERY_MS, lookAgain).unref()
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

const AWAY = {
  directory:
    'the pack directory is not where it was, as if its disk were not mounted: contents can be neither read nor stored until it is back',
  store:
    'the object store gives no answer, or the packs in it have lost their note of whose they are: contents may be neither readable nor storable until it is back. Check the store, and that --chunks names the right bucket and prefix',
}
const OTHERS = {
  directory:
    'the pack directory now holds the packs of another installation: put back the one that was there, and start again',
  store:
    'the object store now holds the packs of another installation under this bucket and prefix: put back those that were there, and start again',
}
