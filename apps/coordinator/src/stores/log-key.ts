import type { MetadataStore } from '@causeway/store'
import { systemRandom } from '@causeway/time'
import type { DataDirectory } from './data-directory.ts'

const SETTING = 'log-key'

/**
 * The key that signs log positions. It is kept twice, in the data directory
 * and in the database, so that it outlives the loss of either: a database that
 * was restored from an older copy must still know what was signed since.
 */
export async function openLogKey(data: DataDirectory, metadata: MetadataStore): Promise<string> {
  const stored = await metadata.read((tx) => tx.setting(SETTING))
  const key =
    stored ??
    (await metadata.write(async (tx) => {
      // Several coordinators may start at once: what the first has chosen holds for all.
      const chosen = (await tx.setting(SETTING)) ?? data.logKey ?? systemRandom.hex(32)
      await tx.putSetting(SETTING, chosen)
      return chosen
    }))
  if (data.logKey !== key) await data.keepLogKey(key)
  return key
}
