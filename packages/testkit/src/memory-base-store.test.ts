import { baseStoreConformance } from './base-store-conformance.ts'
import { createMemoryBaseStore } from './memory-base-store.ts'
import { createMemoryFiles } from './memory-files.ts'

baseStoreConformance('memory', () => {
  let ticks = 0n
  const { files, user } = createMemoryFiles({ now: () => (ticks += 1n) })
  return { store: createMemoryBaseStore({ files, now: Date.now }), files, user, end: () => undefined }
})
