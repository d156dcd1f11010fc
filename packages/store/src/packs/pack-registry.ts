import type { MetadataStore } from '../metadata-store.ts'

/**
 * Where it is noted which packs there are and who fills them, so that no other process takes a pack that grows for a
 * full one. A pack is open, with an owner, and then sealed for good.
 */
export interface PackRegistry {
  /** Notes that this process fills a pack. False where it may not any more: the pack was sealed, or is gone. */
  open(pack: string): Promise<boolean>
  /** Notes that nobody appends to it from now on. */
  seal(pack: string, bytes: number): Promise<void>
}

/** For packs that nobody shares and nobody collects. */
export const NO_REGISTRY: PackRegistry = { open: async () => true, seal: async () => {} }

/** The registry in the metadata. `owner` names the process at the time of the call. */
export function packRegistry(
  metadata: MetadataStore,
  { owner, now }: { readonly owner: () => string; readonly now: () => number },
): PackRegistry {
  return {
    open: (pack) => metadata.write((tx) => tx.openPack(pack, owner())),
    seal(pack, bytes) {
      const at = new Date(now()).toISOString()
      return metadata.write((tx) => tx.sealPack(pack, { owner: owner(), bytes, at }))
    },
  }
}
