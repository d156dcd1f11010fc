import type { KeyPin, KeyRotationView, NodeId } from '@causeway/protocol'
import type { Context } from '../ports/context.ts'

/** Which TLS keys of this coordinator each node accepts, by its own word. */
export interface PinnedKeys {
  noted(node: NodeId, pins: readonly KeyPin[]): Promise<void>
  /** Nodes that pin keys, and not this one. */
  lacking(pin: KeyPin): Promise<KeyRotationView['waitingFor']>
}

export function createPinnedKeys({ metadata }: Pick<Context, 'metadata'>): PinnedKeys {
  return {
    async noted(node, pins) {
      const pinned = pins.join(' ')
      // At each start of each node: mostly there is nothing to write.
      if ((await metadata.read((tx) => tx.setting(keyOf(node)))) === pinned) return
      await metadata.write((tx) => tx.putSetting(keyOf(node), pinned))
    },
    lacking: (pin) =>
      metadata.read(async (tx) => {
        const lacking: KeyRotationView['waitingFor'] = []
        for (const { id, name, revoked } of await tx.nodes()) {
          if (revoked) continue
          const pinned = await tx.setting(keyOf(id))
          if (pinned !== undefined && !pinned.split(' ').includes(pin)) lacking.push({ node: id, name })
        }
        return lacking
      }),
  }
}

function keyOf(node: NodeId): string {
  return `pinned-keys:${node}`
}
