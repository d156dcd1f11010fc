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
  const key = data.logKey ?? stored ?? systemRandom.hex(32)
  if (data.logKey === undefined) await data.keepLogKey(key)
  if (stored !== key) await metadata.write((tx) => tx.putSetting(SETTING, key))
  return key
}
