import { SyncError } from '@causeway/protocol'
import type { PackObjects } from '../packs/pack-objects.ts'

/**
 * What an object store may do to one call: carry it out (`well`); not at all (`lost`); and say nothing of it
 * (`unanswered`); later (`late`); or now, and again later (`doubled`).
 */
export type Fate = 'well' | 'lost' | 'unanswered' | 'late' | 'doubled'

export const FATES: readonly Fate[] = ['well', 'lost', 'unanswered', 'late', 'doubled']

export interface FaultyPackObjects extends PackObjects {
  /** What happens to the next saves and removals; `well` if it has no more to say. */
  fates: Fate[]
  /** Everything that was late happens now, in the order in which it was asked for. */
  arrive(): Promise<void>
}

/** Objects whose store answers late, never, or twice: `well` and `doubled` are answered, all else fails. */
export function faultyPackObjects(objects: PackObjects): FaultyPackObjects {
  let late: (() => Promise<void>)[] = []

  async function suffer(what: string, work: () => Promise<void>): Promise<void> {
    const fate = faulty.fates.shift() ?? 'well'
    if (fate === 'late' || fate === 'doubled') late.push(work)
    if (fate === 'well' || fate === 'doubled' || fate === 'unanswered') await work()
    if (fate !== 'well' && fate !== 'doubled') throw new SyncError('io-error', `cannot ${what}: no answer`)
  }

  const faulty: FaultyPackObjects = {
    ...objects,
    fates: [],
    save(pack, bytes) {
      // What arrives late is what was sent, whatever becomes of the caller's buffer.
      const sent = new Uint8Array(bytes)
      return suffer(`save ${pack}`, () => objects.save(pack, sent))
    },
    remove: (packs) => suffer(`remove ${packs.join(', ')}`, () => objects.remove(packs)),
    async arrive() {
      const arriving = late
      late = []
      for (const work of arriving) await work()
    },
  }
  return faulty
}
