import type { ChunkId } from '@causeway/protocol'
import type { MetadataStore } from '../metadata-store.ts'
import type { PackStore } from '../pack-store.ts'
import { chunkRows } from './chunk-rows.ts'

/** Packs that hold chunks by the index and are not there, by name. */
export async function lostPacks(metadata: MetadataStore, packs: PackStore): Promise<readonly string[]> {
  // In this order: a pack that is begun meanwhile is then listed before it is noted.
  const noted = await notedPacks(metadata)
  const present = new Set((await packs.packs()).map(({ pack }) => pack))
  const missing = noted.filter((pack) => !present.has(pack))
  if (missing.length === 0) return []
  // Another process may have removed it meanwhile, on purpose.
  const still = new Set(await notedPacks(metadata))
  return missing.filter((pack) => still.has(pack))
}

async function notedPacks(metadata: MetadataStore): Promise<readonly string[]> {
  const rows = await metadata.read((tx) => tx.packs())
  const noted = rows.filter(({ state, knownTo }) => knownTo > 0 && (state === 'open' || state === 'sealed'))
  return noted.map(({ pack }) => pack)
}

const CHUNKS_AT_ONCE = 1000

/** The chunks that lie in some packs by the index, with where, in groups. */
export async function* chunksIn(
  metadata: MetadataStore,
  packs: readonly string[],
): AsyncGenerator<readonly { readonly hash: ChunkId; readonly pack: string; readonly offset: number }[]> {
  const wanted = new Set(packs)
  let group: { hash: ChunkId; pack: string; offset: number }[] = []
  for await (const { hash, pack, offset } of chunkRows(metadata)) {
    if (wanted.has(pack)) group.push({ hash, pack, offset })
    if (group.length < CHUNKS_AT_ONCE) continue
    yield group
    group = []
  }
  if (group.length > 0) yield group
}
