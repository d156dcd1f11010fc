import { packStoreConformance } from '../conformance/pack-store-conformance.ts'
import { openMemoryPackStore } from './open-memory-pack-store.ts'

packStoreConformance('packs in memory', async (options) => openMemoryPackStore(options))
