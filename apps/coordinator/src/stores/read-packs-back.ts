import { readBack, type PackStore } from '@causeway/store'
import type { Context } from '../ports/context.ts'
import type { PackWatch } from '../upkeep/pack-watch.ts'
import { holdCollection } from '../upkeep/housekeeping.ts'

/** So few may be uploads that a kill cut short; more come from a database that is older than its packs. */
const FEW_CHUNKS = 100

/**
 * Before anybody is served: what packs hold and the index does not know of is
 * read into it (with `all`, everything they hold), and packs that are gone are
 * noticed. What was read back is not collected for a while.
 */
export async function readPacksBack(
  context: Context,
  { packs, packWatch }: { readonly packs: PackStore; readonly packWatch: Pick<PackWatch, 'look'> },
  all: boolean,
): Promise<void> {
  const { metadata, log, clock } = context
  const back = await readBack({ metadata, packs, now: () => clock.now(), what: all ? 'everything' : 'unnoted' })
  if (all || back.unknown.length > 0 || back.chunks > FEW_CHUNKS) await holdCollection(context)
  if (all || back.chunks > 0) log.warn(back, 'read into the index what packs held and it did not know of')
  await packWatch.look()
}
