import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { z } from 'zod'
import type { Log } from './operational-log.ts'
import { createSignals, type SignalKeys, type Signals } from './signals.ts'

/** What carries words from this process to the others that serve the same store, and theirs to this one. */
export interface SignalChannel {
  publish(text: string): void
  subscribe(listener: { heard(text: string): void; missed(): void }): unknown
}

const Nothing = z.object({})
const Folder = z.object({ folder: FolderIdSchema })
const Node = z.object({ node: NodeIdSchema })
const Hop = z.object({ folder: FolderIdSchema, node: NodeIdSchema })

/** What crosses between processes. `missed` does not: it is about the channel of one. */
const CARRIED: { readonly [Topic in Exclude<keyof SignalKeys, 'missed'>]: z.ZodType<SignalKeys[Topic]> } = {
  change: Folder,
  events: Nothing,
  node: Node,
  access: Hop,
  assigned: Hop,
  'delete-brake': Folder,
  damage: Nothing,
  revoked: Node,
  'sign-ins': Nothing,
}

/** Signals between processes: those of this one come at once, and those of others as the channel brings them. */
export function createSharedSignals(channel: SignalChannel, log: Log): Signals {
  const here = createSignals(log)
  function hear<Topic extends keyof typeof CARRIED>(topic: Topic, key: unknown): void {
    const known = CARRIED[topic].safeParse(key)
    if (known.success) here.publish(topic, known.data)
  }
  channel.subscribe({
    heard(text) {
      const [topic, key] = said(text)
      // A newer version may have topics that this one need not know.
      if (isCarried(topic)) hear(topic, key)
    },
    missed: () => here.publish('missed', {}),
  })
  return {
    publish(topic, key) {
      here.publish(topic, key)
      if (isCarried(topic)) channel.publish(JSON.stringify([topic, key]))
    },
    subscribe: here.subscribe,
  }
}

function isCarried(topic: unknown): topic is keyof typeof CARRIED {
  return typeof topic === 'string' && Object.hasOwn(CARRIED, topic)
}

function said(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(text)
    return Array.isArray(parts) ? parts : []
  } catch {
    return []
  }
}
