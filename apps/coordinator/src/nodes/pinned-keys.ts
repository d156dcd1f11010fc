import type { KeyPin, KeyRotationView, NodeId } from '@causeway/protocol'
import type { Context } from '../ports/context.ts'

/** Which TLS keys of this coordinator each node accepts, by its own word. */
export interface PinnedKeys {
  noted(node: NodeId, pins: readonly KeyPin[]): Promise<void>
  /** Nodes that pin keys, and not this one; and those that have not said yet what they pin. */
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
        for (const { id, name, revoked, publicKey } of await tx.nodes()) {
          // One that was only registered never connects.
          if (revoked || publicKey === null) continue
          const pinned = await tx.setting(keyOf(id))
          if (pinned !== NONE && pinned?.split(' ').includes(pin) !== true) lacking.push({ node: id, name })
        }
        return lacking
      }),
  }
}

/** As it is kept of a node that pins no key. */
const NONE = ''

function keyOf(node: NodeId): string {
  return `pinned-keys:${node}`
}
