import { SyncError } from '@causeway/protocol'
import type { PackObjects } from './pack-objects.ts'

/** Objects in memory, for tests and simulation. */
export function openMemoryPackObjects(): PackObjects {
  const objects = new Map<string, Uint8Array>()
  return {
    async save(pack, bytes) {
      const there = objects.get(pack)
      if (there !== undefined && Buffer.compare(there, bytes) !== 0) {
        throw new SyncError('already-exists', `cannot save the pack ${pack}: other bytes have this name`)
      }
      // A copy, for the caller may use its buffer again. (`slice` of a Buffer is none.)
      if (there === undefined) objects.set(pack, new Uint8Array(bytes))
    },
    async read(pack, { offset, length }) {
      const object = objects.get(pack)
      if (object === undefined) {
        throw new SyncError('chunk-missing', `cannot read from the pack ${pack}: it is gone`)
      }
      if (offset < 0 || offset + length > object.length) {
        throw new SyncError('chunk-corrupt', `the pack ${pack} ends at ${object.length}, before ${offset + length}`)
      }
      return new Uint8Array(object.subarray(offset, offset + length))
    },
    size: async (pack) => objects.get(pack)?.length ?? null,
    list: async () => [...objects].map(([pack, { length }]) => ({ pack, bytes: length })),
    async remove(packs) {
      for (const pack of packs) objects.delete(pack)
    },
  }
}
